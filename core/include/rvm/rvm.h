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
/* All findings of the opening, warnings included, one a line; lives as long as the runtime. */
RVM_EXPORT const char* rvm_runtime_findings(const rvm_runtime* runtime);
/* Every world must be closed before. NULL is fine. */
RVM_EXPORT void rvm_runtime_close(rvm_runtime* runtime);

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
