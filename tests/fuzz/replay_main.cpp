// Runs a fuzz target without a fuzzer: every file of the corpus as it is, and a fixed number of mutations of
// each, the same ones every time. A file *.pack holds many inputs, which are run as they are: each with its
// length before it, four bytes, the lowest first.
//   fuzz_TARGET CORPUS [MUTATIONS PER INPUT]
//   fuzz_TARGET --pack FOLDER FILE.pack      the folder's files of 1,024 bytes at most
//   fuzz_TARGET --unpack FILE.pack FOLDER    what a fuzzer goes on from
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
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
        case 2:
            input.resize(at());
            break;
        case 3:
            input.insert(input.begin() + static_cast<std::ptrdiff_t>(at()), random() % 9,
                         static_cast<std::uint8_t>(random()));
            break;
        default:
            if (!input.empty()) {
                const auto from = at();
                const Input piece(input.begin() + static_cast<std::ptrdiff_t>(from),
                                  input.begin() + static_cast<std::ptrdiff_t>(
                                                      std::min(input.size(), from + random() % 32)));
                input.insert(input.begin() + static_cast<std::ptrdiff_t>(at()), piece.begin(), piece.end());
            }
    }
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
    std::error_code code;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, code))
        if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<Input> unpacked(const std::filesystem::path& file) {
    const auto bytes = read(file);
    std::vector<Input> inputs;
    for (std::size_t at = 0; bytes.size() - at >= 4;) {
        const std::size_t length = bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 |
                                   static_cast<std::size_t>(bytes[at + 3]) << 24;
        at += 4;
        if (length > bytes.size() - at) {
            std::fprintf(stderr, "%s: torn\n", file.c_str());
            std::exit(1);
        }
        inputs.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                            bytes.begin() + static_cast<std::ptrdiff_t>(at + length));
        at += length;
    }
    return inputs;
}

int pack(const std::filesystem::path& folder, const std::filesystem::path& file) {
    constexpr std::size_t longest = 1024;
    std::ofstream packed(file, std::ios::binary);
    for (const auto& one : files_in(folder)) {
        const auto input = read(one);
        if (input.size() > longest) continue;
        for (unsigned byte = 0; byte < 4; ++byte)
            packed.put(static_cast<char>(input.size() >> 8 * byte & 0xff));
        packed.write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
    }
    return packed.flush() ? 0 : 1;
}

int unpack(const std::filesystem::path& file, const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    std::size_t number = 0;
    for (const auto& input : unpacked(file)) {
        std::ofstream one(folder / (file.stem().string() + "-" + std::to_string(number++)), std::ios::binary);
        one.write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
        if (!one.flush()) return 1;
    }
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    if (count == 4 && arguments[1] == std::string_view("--pack")) return pack(arguments[2], arguments[3]);
    if (count == 4 && arguments[1] == std::string_view("--unpack")) return unpack(arguments[2], arguments[3]);
    const std::filesystem::path corpus = count > 1 ? arguments[1] : "";
    const int mutations = count > 2 ? std::atoi(arguments[2]) : 300;
    std::vector<Input> inputs{{}};
    std::size_t runs = 0;
    const auto files = files_in(corpus);
    for (const auto& file : files) {
        if (file.extension() != ".pack") {
            inputs.push_back(read(file));
            continue;
        }
        for (const auto& input : unpacked(file)) LLVMFuzzerTestOneInput(input.data(), input.size()), ++runs;
    }
    std::mt19937 random(20261121);
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
