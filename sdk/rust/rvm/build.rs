//! Where librvm.so is: RVM_LIB_DIR, else beside this crate in an installation, else what pkg-config says.
use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=RVM_LIB_DIR");
    let installed = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../../../../lib");
    let folder = std::env::var("RVM_LIB_DIR").ok().or_else(|| {
        if installed.join("librvm.so").exists() {
            return Some(installed.canonicalize().ok()?.display().to_string());
        }
        let output = Command::new("pkg-config").args(["--variable=libdir", "rvm"]).output().ok()?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_string()).filter(|folder| !folder.is_empty())
    });
    if let Some(folder) = folder {
        println!("cargo:rustc-link-search=native={}", folder);
    }
}
