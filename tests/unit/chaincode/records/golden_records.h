#pragma once
// The signed records of tests/golden/records, made by tests/golden/make_records.py.

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "crypto/bytes.h"

namespace tally::chaincode::test {

struct GoldenRecordFile {
    Bytes message;
    std::string content_id;  // hexadecimal
};

inline GoldenRecordFile golden(const std::string& name) {
    std::ifstream file(std::string(TALLY_GOLDEN) + "/records/" + name + ".hex");
    std::string message, content_id;
    file >> message >> content_id;
    EXPECT_FALSE(message.empty()) << name;
    return {from_hex(message).value_or(Bytes{}), content_id};
}

}  // namespace tally::chaincode::test
