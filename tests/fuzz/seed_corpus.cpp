// With libFuzzer: the fuzzer's seeds go into the corpus folders that it is called with, before it reads them.

#include <cstdint>
#include <filesystem>
#include <fstream>

extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t));
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace {

std::filesystem::path corpus;
int written = 0;

void write_seed(const std::uint8_t* data, std::size_t size) {
    std::ofstream out(corpus / ("seed-" + std::to_string(++written)), std::ios::binary);
    out.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
    for (int i = 1; i < *argc && corpus.empty(); ++i) {
        if (std::filesystem::is_directory((*argv)[i])) corpus = (*argv)[i];
    }
    if (!corpus.empty()) tally_fuzz_seeds(write_seed);
    return 0;
}
