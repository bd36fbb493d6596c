// Runs a fuzz target without a fuzzer: every file of the corpus as it is, and a fixed number of mutations of each, the
// same ones every time.
//   fuzz_TARGET CORPUS [MUTATIONS PER INPUT]
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

Input read(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void mutate(Input& input, std::mt19937& random) {
    const auto at = [&] { return input.empty() ? 0 : random() % input.size(); };
    switch (random() % 5) {
        case 0:
            if (!input.empty()) input[at()] ^= static_cast<std::uint8_t>(1U << random() % 8);
            break;
        case 1:
            if (!input.empty()) input[at()] = static_cast<std::uint8_t>(random() % 3 == 0 ? 0xff : random());
            break;
        case 2: input.resize(at()); break;
        case 3: input.insert(input.begin() + static_cast<std::ptrdiff_t>(at()), random() % 9, static_cast<std::uint8_t>(random())); break;
        default:
            if (!input.empty()) {
                const auto from = at();
                const Input piece(input.begin() + static_cast<std::ptrdiff_t>(from),
                                  input.begin() + static_cast<std::ptrdiff_t>(std::min(input.size(), from + random() % 32)));
                input.insert(input.begin() + static_cast<std::ptrdiff_t>(at()), piece.begin(), piece.end());
            }
    }
}

}  // namespace

int main(int count, char** arguments) {
    const std::filesystem::path corpus = count > 1 ? arguments[1] : "";
    const int mutations = count > 2 ? std::atoi(arguments[2]) : 300;
    std::vector<Input> inputs{{}};
    std::error_code code;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus, code))
        if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) inputs.push_back(read(file));
    std::mt19937 random(20261121);
    std::size_t runs = 0;
    for (const auto& input : inputs) {
        LLVMFuzzerTestOneInput(input.data(), input.size());
        ++runs;
        for (int i = 0; i < mutations; ++i, ++runs) {
            auto changed = input;
            for (unsigned steps = 1 + random() % 6; steps > 0; --steps) mutate(changed, random);
            LLVMFuzzerTestOneInput(changed.data(), changed.size());
        }
    }
    std::printf("%zu corpus files, %zu runs, no crash\n", files.size(), runs);
    return 0;
}
