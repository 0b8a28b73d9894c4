#pragma once
// What a fuzzer demands of the code under test: a broken demand aborts and so is found.

#include <cstdio>
#include <cstdlib>

#define TALLY_FUZZ_EXPECT(condition)                                                       \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            std::fprintf(stderr, "%s:%d: expected: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                  \
        }                                                                                  \
    } while (false)
