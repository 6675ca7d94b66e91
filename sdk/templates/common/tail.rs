// Must equal the sidecar, <<name>>.rvm.json.in. Id and version come from rvm_add_plugin().
rvm_plugin::plugin! {
    name: "<<name>>", vendor: "example", license: "MIT", description: "<<summary>>",
    provides: ["<<provides>>"], requires: [],
    items: [<<rust_item>>],
}
