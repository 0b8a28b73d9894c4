// Runs a fuzzer without libFuzzer: its seeds, then mutations of them. Mutation number n depends on the seed and n
// alone, so a run repeats anywhere.
//
//   fuzz_room_name [--seed N] [--runs N] [--seconds N] [FILE...]
//
// Without a number of runs or seconds it takes three seconds. With files, only these inputs are run. An input that
// makes the fuzzer fail is written to crash-<seed>-<run>.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" void tally_fuzz_seeds(void (*add)(const std::uint8_t*, std::size_t));
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

using Input = std::vector<std::uint8_t>;
constexpr std::size_t kMaxInput = 1 << 16;
constexpr std::uint64_t kUnset = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kSeconds = 3;

struct Options {
    std::uint64_t seed = 1;
    std::uint64_t runs = kUnset;
    std::uint64_t seconds = kUnset;
    std::vector<const char*> files;
};

// SplitMix64: the same numbers with every standard library.
class Numbers {
  public:
    explicit Numbers(std::uint64_t state) : state_(state) {}
    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return mixed ^ (mixed >> 31);
    }
    std::size_t below(std::size_t bound) { return bound == 0 ? 0 : static_cast<std::size_t>(next() % bound); }
    std::uint8_t byte() { return static_cast<std::uint8_t>(next()); }

  private:
    std::uint64_t state_;
};

// What the failure handler needs to know; written before every run.
Input current;
char crash_file[64];

void keep_input() {
    const int descriptor = ::open(crash_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0) return;
    const bool written = ::write(descriptor, current.data(), current.size()) == static_cast<ssize_t>(current.size());
    ::close(descriptor);
    std::fprintf(stderr, "the input that fails %s %s\n", written ? "is in" : "could not be written to", crash_file);
}

void on_signal(int number) {
    keep_input();
    std::signal(number, SIG_DFL);
    std::raise(number);
}

void run(Input input, std::uint64_t seed, std::uint64_t number) {
    current = std::move(input);
    std::snprintf(crash_file, sizeof crash_file, "crash-%llu-%llu", static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(number));
    // A copy of exactly this size, so that AddressSanitizer sees every read beyond it.
    const Input exact(current.begin(), current.end());
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

Input::iterator at(Input& input, std::size_t offset) { return input.begin() + static_cast<std::ptrdiff_t>(offset); }

Input piece_of(Numbers& numbers, const Input& from) {
    const std::size_t start = numbers.below(from.size());
    const std::size_t size = numbers.below(std::min<std::size_t>(from.size() - start, 256) + 1);
    const auto begin = from.begin() + static_cast<std::ptrdiff_t>(start);
    return {begin, begin + static_cast<std::ptrdiff_t>(size)};
}

// Writes a number that decoders take for a length: none, one, just fitting, just not fitting, huge; either byte order.
void edit_length(Numbers& numbers, Input& input) {
    const std::size_t width = std::size_t{1} << numbers.below(4);
    if (input.size() < width) return;
    const std::size_t offset = numbers.below(input.size() - width + 1);
    const std::uint64_t left = input.size() - offset - width;
    const std::uint64_t choices[] = {
        0,    1,          left,       left + 1,   left - 1,          0x7f,
        0x80, 0x7fffffff, 0x80000000, 0xffffffff, ~std::uint64_t{0}, std::uint64_t{1} << 63};
    const std::uint64_t value = choices[numbers.below(std::size(choices))];
    const bool big_endian = numbers.below(2) == 0;
    for (std::size_t i = 0; i < width; ++i) {
        const std::size_t place = big_endian ? width - 1 - i : i;
        input[offset + place] = static_cast<std::uint8_t>(value >> (8 * i));
    }
}

void mutate_once(Numbers& numbers, Input& input, const std::vector<Input>& seeds) {
    const std::size_t offset = numbers.below(input.size());
    switch (numbers.below(8)) {
        case 0:
            if (!input.empty()) input[offset] = static_cast<std::uint8_t>(input[offset] ^ (1u << numbers.below(8)));
            break;
        case 1:
            if (!input.empty()) input[offset] = numbers.byte();
            break;
        case 2: input.resize(offset); break;
        case 3: {
            const Input piece = piece_of(numbers, input);
            input.insert(at(input, offset), piece.begin(), piece.end());
            break;
        }
        case 4: {
            const Input piece = piece_of(numbers, seeds[numbers.below(seeds.size())]);
            if (numbers.below(2) == 0) input.resize(offset);
            input.insert(at(input, std::min(offset, input.size())), piece.begin(), piece.end());
            break;
        }
        case 5: edit_length(numbers, input); break;
        case 6: {
            const std::size_t size = numbers.below(std::min<std::size_t>(input.size() - offset, 64) + 1);
            input.erase(at(input, offset), at(input, offset + size));
            break;
        }
        default:
            for (std::size_t more = 1 + numbers.below(8); more > 0; --more) {
                input.insert(at(input, std::min(offset, input.size())), numbers.byte());
            }
    }
    if (input.size() > kMaxInput) input.resize(kMaxInput);
}

Input mutation(std::uint64_t seed, std::uint64_t number, const std::vector<Input>& seeds) {
    Numbers numbers(seed * 0x2545f4914f6cdd1d + number);
    if (number % 64 == 63) {
        Input random(numbers.below(200));
        for (std::uint8_t& byte : random) byte = numbers.byte();
        return random;
    }
    Input input = seeds[numbers.below(seeds.size())];
    for (std::size_t times = 1 + numbers.below(4); times > 0; --times) mutate_once(numbers, input, seeds);
    return input;
}

bool parse(int argc, char** argv, Options& options) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        std::uint64_t* const number = argument == "--seed"      ? &options.seed
                                      : argument == "--runs"    ? &options.runs
                                      : argument == "--seconds" ? &options.seconds
                                                                : nullptr;
        if (number == nullptr && argument.starts_with("-")) return false;
        if (number == nullptr) {
            options.files.push_back(argv[i]);
            continue;
        }
        if (++i == argc) return false;
        char* end = nullptr;
        *number = std::strtoull(argv[i], &end, 10);
        if (*end != '\0') return false;
    }
    if (options.runs == kUnset && options.seconds == kUnset) options.seconds = kSeconds;
    return true;
}

std::vector<Input>& collected() {
    static std::vector<Input> seeds;
    return seeds;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    if (!parse(argc, argv, options)) {
        std::fprintf(stderr, "usage: %s [--seed N] [--runs N] [--seconds N] [FILE...]\n", argv[0]);
        return 2;
    }
    for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE}) std::signal(number, on_signal);
    if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(keep_input);
    for (const char* const file : options.files) {
        std::ifstream in(file, std::ios::binary);
        if (!in) {
            std::fprintf(stderr, "%s cannot be read\n", file);
            return 2;
        }
        run(Input(std::istreambuf_iterator<char>(in), {}), 0, 0);
        std::printf("%s: passed\n", file);
    }
    if (!options.files.empty()) return 0;

    tally_fuzz_seeds([](const std::uint8_t* data, std::size_t size) { collected().emplace_back(data, data + size); });
    const std::vector<Input>& seeds = collected();
    if (seeds.empty()) {
        std::fprintf(stderr, "the fuzzer has no seeds\n");
        return 2;
    }
    for (const Input& seed : seeds) run(seed, options.seed, 0);
    const auto start = std::chrono::steady_clock::now();
    const auto in_time = [&] {
        return options.seconds == kUnset ||
               std::chrono::steady_clock::now() - start < std::chrono::seconds(options.seconds);
    };
    std::uint64_t number = 0;
    while (number < options.runs && in_time()) {
        ++number;
        run(mutation(options.seed, number, seeds), options.seed, number);
    }
    std::printf("%zu seeds and %llu mutations passed (--seed %llu)\n", seeds.size(),
                static_cast<unsigned long long>(number), static_cast<unsigned long long>(options.seed));
    return 0;
}
