#pragma once
// Bytes written as hexadecimal text in tests.

#include <gtest/gtest.h>

#include "crypto/bytes.h"
#include "crypto/hash.h"

namespace tally::crypto {

inline Bytes unhex(std::string_view text) {
    Result<Bytes> bytes = from_hex(text);
    EXPECT_TRUE(bytes.has_value()) << text;
    return bytes.value_or(Bytes{});
}

inline Hash unhex_hash(std::string_view text) {
    const Result<Hash> hash = Hash::from_hex(text);
    EXPECT_TRUE(hash.has_value()) << text;
    return hash.value_or(Hash{});
}

template <class T>
Code code_of(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? Code::internal : result.error().code;
}

}  // namespace tally::crypto
