// Trust: reading a plugin file so that nobody but root and the user could have put it there, and checking what vouches
// for its bytes. Everything here happens before any byte is interpreted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "manifest/manifest.hpp"
#include <rvm/report.hpp>

namespace rvm::plugin {

/// Largest plugin file. A format plugin with its tables is a few MiB; 64 MiB leaves room and bounds memory.
inline constexpr std::uint64_t max_library_bytes = std::uint64_t{64} << 20;
/// Size of a detached Ed25519 signature file (RFC 8032): the 64 bytes and nothing else.
inline constexpr std::size_t signature_bytes = 64;
/// What the signature covers begins with this text and its terminating NUL, then sha256(library), sha256(sidecar).
inline constexpr std::string_view signature_context{"rvm-plugin-v1\0", 14};

struct ReadPolicy {
    bool development = false;                    ///< ownership findings (T02) are warnings
    std::uint64_t max_bytes = max_library_bytes; ///< larger files are F01
};

/// Reads `root`/`relative` once. `root` is an allowed folder and is opened as it is; below it no component may be a
/// symbolic link, '..', empty or contain control characters, and the file must be regular (T01; a pipe or device is
/// refused without waiting for it). Root, folders below it and the file must belong to root or this user and not be
/// writable by group or others (T02). Missing, empty or larger files are F01. Thread-safe.
[[nodiscard]] std::optional<Bytes> read_trusted(const std::filesystem::path& root,
                                                const std::filesystem::path& relative, const ReadPolicy& policy,
                                                Report& report);

/// The beginning of a file.
struct FileHead {
    Bytes bytes;
    std::uint64_t size = 0; ///< of the whole file, in bytes
};

/// As read_trusted(), but of the file at most the first `most` bytes, 1 at least, are read.
[[nodiscard]] std::optional<FileHead> read_trusted_head(const std::filesystem::path& root,
                                                        const std::filesystem::path& relative, const ReadPolicy& policy,
                                                        std::uint64_t most, Report& report);

/// T03 unless `pin` is exactly the 64 lower-case hex digits of `sha256`. `where` names the pin's place.
bool check_pin(std::string_view pin, ByteView sha256, const std::string& file, const std::string& where,
               Report& report);

/// The message a signer signs.
[[nodiscard]] Bytes signed_message(ByteView library_sha256, ByteView sidecar_sha256);

/// T04 unless `signature` holds over signed_message() under the key `signed_by` names, or under any of `keys` when it
/// is empty. `file` is the signature's path. A missing signature is passed as nullopt.
bool check_signature(const std::optional<Bytes>& signature, ByteView library_sha256, ByteView sidecar_sha256,
                     const std::map<std::string, manifest::PublicKey, std::less<>>& keys, std::string_view signed_by,
                     const std::string& file, Report& report);

} // namespace rvm::plugin
