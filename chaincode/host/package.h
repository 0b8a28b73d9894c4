#pragma once
// A contract as a file: what it declares, and its program.
//
//   "tally-contract/1\n", the manifest's length in 4 bytes (little-endian), the manifest's JSON, the program
//
// The channel's configuration names a contract of a package by name, version and the SHA-256 of its manifest.

#include <filesystem>

#include "chaincode/contract.h"
#include "crypto/hash.h"

namespace tally::chaincode::host {

struct Package {
    std::string manifest;  // JSON
    Bytes program;         // a statically linked executable

    [[nodiscard]] crypto::Hash hash() const;  // of the manifest
};

inline constexpr std::size_t kMaxManifest = 1U << 20;
inline constexpr std::size_t kMaxProgram = 256U << 20;

// Starts the program in a sandbox and asks it what it declares.
[[nodiscard]] Result<Package> make_package(Bytes program);
[[nodiscard]] Bytes encode_package(const Package& package);
// malformed, too_large.
[[nodiscard]] Result<Package> decode_package(ByteView file);
[[nodiscard]] Result<Package> read_package(const std::filesystem::path& file);

// The contract that the manifest declares; `run` gives what each function does. Checks everything that the program's
// own contracts have by construction: names, kinds of refusals, schemas.
[[nodiscard]] Result<Contract> contract_of(
    std::string_view manifest,
    const std::function<std::function<Result<json::value>(Stub&, const json::value&)>(std::string function)>& run);

}  // namespace tally::chaincode::host
