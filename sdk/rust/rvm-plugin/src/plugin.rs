//! The plugin around its items: texts, lists, lifecycle, the exported symbol.
use crate::raw;
use std::os::raw::{c_char, c_void};

/// A text of static storage as C has it. Made by [`text!`](crate::text).
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Text(*const c_char);
// SAFETY: points to a static text that nobody changes.
unsafe impl Sync for Text {}
unsafe impl Send for Text {}

impl Text {
    /// `text` must end with a zero.
    #[doc(hidden)]
    pub const fn terminated(text: &'static str) -> Text {
        assert!(text.as_bytes()[text.len() - 1] == 0);
        Text(text.as_ptr() as *const c_char)
    }
    /// No text.
    #[doc(hidden)]
    pub const NONE: Text = Text(std::ptr::null());
    pub(crate) const fn pointer(self) -> *const c_char {
        self.0
    }
}

/// A list of texts that ends as C wants it.
pub type Texts<const COUNT: usize> = [Text; COUNT];

/// A literal as a [`Text`].
#[macro_export]
macro_rules! text {
    ($text:expr) => {
        $crate::Text::terminated(concat!($text, "\0"))
    };
}

/// One contribution.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Item(pub(crate) raw::rvm_contribution);
// SAFETY: points to static tables that nobody changes.
unsafe impl Sync for Item {}

impl Item {
    pub(crate) const fn new<T>(kind: &'static str, item: &'static T) -> Item {
        Item(raw::rvm_contribution { kind: Text::terminated(kind).pointer(), item: item as *const T as *const c_void })
    }
    /// Ends a list.
    #[doc(hidden)]
    pub const END: Item = Item(raw::rvm_contribution { kind: std::ptr::null(), item: std::ptr::null() });
}

/// All contributions of a plugin.
pub type Items<const COUNT: usize> = [Item; COUNT];

#[doc(hidden)]
#[repr(transparent)]
pub struct Entry<T>(pub T);
// SAFETY: constants.
unsafe impl<T> Sync for Entry<T> {}

/// What the entry's `create` does: the plugin has no state of its own.
///
/// # Safety
/// As `rvm_entry.create`; `plugin` is static.
#[doc(hidden)]
pub unsafe fn create(plugin: *const raw::rvm_plugin, out: *mut *mut raw::rvm_plugin) -> raw::rvm_status {
    crate::status::guarded(|| {
        // This copy of Rust's library belongs to this plugin alone: its panics print nothing.
        std::panic::set_hook(Box::new(|_| {}));
        // SAFETY: as promised; the host never writes to a plugin's table.
        unsafe { *out = plugin as *mut raw::rvm_plugin };
        Ok(())
    })
}

/// Defines the plugin: its descriptor, which must equal the sidecar, its items and its entry. Once, at the root of the crate.
/// Id and version are the environment variables `RVM_PLUGIN_ID` and `RVM_PLUGIN_VERSION` of the compilation.
#[macro_export]
macro_rules! plugin {
    (name: $name:expr, vendor: $vendor:expr, license: $license:expr, description: $description:expr,
     provides: [$($provides:expr),* $(,)?], requires: [$($requires:expr),* $(,)?], items: [$($item:expr),* $(,)?] $(,)?) => {
        const _: () = {
            use $crate::raw;
            static PROVIDES: &[$crate::Text] = &[$($crate::text!($provides),)* $crate::Text::NONE];
            static REQUIRES: &[$crate::Text] = &[$($crate::text!($requires),)* $crate::Text::NONE];
            static ITEMS: &[$crate::Item] = &[$($item,)* $crate::Item::END];

            unsafe extern "C" fn contributions(_: *mut std::os::raw::c_void) -> *const raw::rvm_contribution {
                ITEMS.as_ptr() as *const raw::rvm_contribution
            }
            unsafe extern "C" fn destroy(_: *mut std::os::raw::c_void) {}
            static PLUGIN: $crate::Entry<raw::rvm_plugin> = $crate::Entry(raw::rvm_plugin {
                struct_size: std::mem::size_of::<raw::rvm_plugin>() as u32,
                reserved: 0,
                self_: std::ptr::null_mut(),
                configure: None,
                contributions: Some(contributions),
                link: None,
                start: None,
                stop: None,
                destroy: Some(destroy),
            });
            unsafe extern "C" fn create(_: *const raw::rvm_host, out: *mut *mut raw::rvm_plugin, _: *mut raw::rvm_error) -> i32 {
                unsafe { $crate::create(&PLUGIN.0, out) }
            }
            static DESCRIPTOR: $crate::Entry<raw::rvm_descriptor> = $crate::Entry(raw::rvm_descriptor {
                struct_size: std::mem::size_of::<raw::rvm_descriptor>() as u32,
                flags: 0,
                id: concat!(env!("RVM_PLUGIN_ID"), "\0").as_ptr() as *const _,
                version: concat!(env!("RVM_PLUGIN_VERSION"), "\0").as_ptr() as *const _,
                name: concat!($name, "\0").as_ptr() as *const _,
                vendor: concat!($vendor, "\0").as_ptr() as *const _,
                license: concat!($license, "\0").as_ptr() as *const _,
                description: concat!($description, "\0").as_ptr() as *const _,
                config_schema: std::ptr::null(),
                provides: PROVIDES.as_ptr() as *const *const _,
                requires_: REQUIRES.as_ptr() as *const *const _,
            });
            #[no_mangle]
            #[used]
            static rvm_plugin_entry_v0: $crate::Entry<raw::rvm_entry> = $crate::Entry(raw::rvm_entry {
                magic: raw::RVM_ENTRY_MAGIC,
                struct_size: std::mem::size_of::<raw::rvm_entry>() as u32,
                abi_major: raw::RVM_ABI_MAJOR,
                abi_minor_built: raw::RVM_ABI_MINOR,
                abi_minor_needed: raw::RVM_ABI_MINOR,
                word_size: std::mem::size_of::<raw::rvm_word>() as u32,
                pointer_size: std::mem::size_of::<*const u8>() as u32,
                reserved: 0,
                descriptor: &DESCRIPTOR.0,
                create: Some(create),
            });
        };
    };
}
