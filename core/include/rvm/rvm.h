/* <rvm/rvm.h> -- embedding rvm from C: a deployment, and the world interface of <rvm/plugin.h> over it.
 *
 *     rvm_error error = {sizeof error, 0, ""};
 *     rvm_runtime* runtime = rvm_runtime_open("configs/dev.json", &error);
 *     const rvm_host_world* worlds = rvm_runtime_worlds(runtime);
 *     rvm_world* world;
 *     worlds->open(rvm_runtime_context(runtime), RVM_WORLD_EPHEMERAL, &world, &error);
 *
 * Every function is usable from any thread; a world belongs to one thread at a time. Nothing prints, exits or installs
 * signal handlers.
 */
#ifndef RVM_RVM_H
#define RVM_RVM_H

#include <rvm/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rvm_runtime rvm_runtime;

/* Opens the deployment a manifest file describes. NULL on failure: *error (may be NULL) has the first finding. */
RVM_EXPORT rvm_runtime* rvm_runtime_open(const char* manifest_path, rvm_error* error);
/* The same from manifest text; relative paths in it are relative to the directory `base`. */
RVM_EXPORT rvm_runtime* rvm_runtime_open_text(const char* manifest_json, const char* base, rvm_error* error);

#define RVM_OPEN_LOAD_ALL (1u << 0) /* load every plugin now instead of when it is first needed */
#define RVM_OPEN_CONFINES (1u << 1) /* the program confines its process as a manifest with "confine" asks; else RVM-L06 warns */

/* How a runtime is opened when a manifest alone does not say everything. Set struct_size and what is needed, leave the
 * rest zero. Texts and lists are read while rvm_runtime_create() runs; what entries, items and `log` point to must outlive
 * the runtime. */
typedef struct rvm_runtime_options {
    uint32_t struct_size;
    uint32_t flags;                     /* RVM_OPEN_* */
    const char* manifest_path;          /* a file; NULL: manifest_json is the manifest */
    const char* manifest_json;
    const char* base;                   /* directory that relative paths of manifest_json start at; NULL: "/" */
    const rvm_entry* const* builtins;   /* plugins linked into the program; ended by NULL; may be NULL */
    const char* own_id;                 /* what the program's own items are called in findings; NULL: "embedder" */
    const rvm_contribution* own_items;  /* storage, syscalls, tracers, ... of the program itself; ended by a NULL kind;
                                           judged as a plugin's; may be NULL */
    /* What plugins say. Called from any thread, several at a time. NULL: nobody hears. */
    void (*log)(void* ctx, uint32_t level, const char* plugin, const char* text);
    void* log_ctx;
    const char* const* plugin_files;    /* more plugins, in profile development only; ended by NULL; may be NULL */
    /* Appended members are named with the version that added them. */
} rvm_runtime_options;

/* NULL on failure: *error (may be NULL) has the first finding. RVM_E_INVALID_ARGUMENT: struct_size, or no manifest. */
RVM_EXPORT rvm_runtime* rvm_runtime_create(const rvm_runtime_options* options, rvm_error* error);

/* All findings of the opening, warnings included, one a line; lives as long as the runtime. */
RVM_EXPORT const char* rvm_runtime_findings(const rvm_runtime* runtime);
/* Every world must be closed before. NULL is fine. */
RVM_EXPORT void rvm_runtime_close(rvm_runtime* runtime);

/* "sha256:" and 64 hex digits each, NUL-terminated, of 72 bytes: what two nodes compare (configs/README.md). Loads every
 * plugin. RVM_E_CONFIG: one of them was refused. */
RVM_EXPORT rvm_status rvm_runtime_fingerprints(rvm_runtime* runtime, char semantics[72], char binaries[72], rvm_error* error);

/* The world interface; lives as long as the runtime. */
RVM_EXPORT const rvm_host_world* rvm_runtime_worlds(const rvm_runtime* runtime);
/* What to give to worlds->open(). */
RVM_EXPORT rvm_host_ctx* rvm_runtime_context(rvm_runtime* runtime);
/* Handle of an environment word, for rvm_tx_env.words. UINT32_MAX: too many names. */
RVM_EXPORT uint32_t rvm_env_key(const char* name);
/* "ok", "out of gas", ...; static text. */
RVM_EXPORT const char* rvm_status_text(rvm_status status);
/* "0.1.0"; static text. */
RVM_EXPORT const char* rvm_version(void);

#ifdef __cplusplus
}
#endif
#endif /* RVM_RVM_H */
