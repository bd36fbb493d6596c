#include "harness/analysis/capture/capture_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "harness/analysis/capture/capture_format.hpp"
#include "harness/analysis/capture/compressed.hpp"
#include "harness/core/file.hpp"

namespace cambench::analysis {
namespace {

class FileSource final : public ByteSource {
public:
    FileSource(std::FILE* file, std::string name) : file_(file, &std::fclose), name_(std::move(name)) {
        std::setvbuf(file, nullptr, _IONBF, 0);  // who reads has a block of its own
    }
    Result<std::size_t> read(std::span<std::byte> into) override {
        const auto got = std::fread(into.data(), 1, into.size(), file_.get());
        if (got < into.size() && std::ferror(file_.get())) return system_error("read " + name_, errno);
        return got;
    }

private:
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
    std::string name_;
};

class MemorySource final : public ByteSource {
public:
    explicit MemorySource(ByteView bytes) : rest_(bytes) {}
    Result<std::size_t> read(std::span<std::byte> into) override {
        const auto count = std::min(into.size(), rest_.size());
        std::copy_n(rest_.begin(), count, into.begin());
        rest_ = rest_.subspan(count);
        return count;
    }

private:
    ByteView rest_;
};

constexpr std::uint32_t pcapng_section = 0x0a0d0d0a;

}  // namespace

Result<std::unique_ptr<ByteSource>> open_file_source(const std::filesystem::path& file) {
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored))
        return usage_error(fmt::format("{} is a folder, not a capture", file.string()));
    auto opened = open_regular_file(file);
    if (!opened) return usage_error(std::move(opened).error().message);
    auto* handle = ::fdopen(opened->get(), "rb");
    if (handle == nullptr)
        return usage_error(fmt::format("open {}: {}", file.string(), std::strerror(errno)));
    (void)opened->release();
    return std::unique_ptr<ByteSource>(std::make_unique<FileSource>(handle, file.string()));
}

std::unique_ptr<ByteSource> memory_source(ByteView bytes) { return std::make_unique<MemorySource>(bytes); }

CaptureReader::CaptureReader(std::unique_ptr<Format> format) : format_(std::move(format)) {}
CaptureReader::~CaptureReader() = default;
CaptureReader::CaptureReader(CaptureReader&&) noexcept = default;
CaptureReader& CaptureReader::operator=(CaptureReader&&) noexcept = default;

Result<CaptureReader> CaptureReader::open(std::unique_ptr<ByteSource> packed) {
    TRY_ASSIGN(auto source, unpacked(std::move(packed)));
    std::array<std::byte, 4> magic{};
    TRY_ASSIGN(const auto got, source->read(magic));
    if (got < magic.size() && source->torn()) return usage_error("the packed file is torn or damaged");
    if (got == 0) return usage_error("the file is empty");
    if (got < magic.size()) return usage_error("not a pcap or pcapng file");
    const auto word = ByteReader(magic).u32();
    auto format =
        word == pcapng_section ? open_pcapng(std::move(source)) : open_pcap(std::move(source), magic);
    if (!format) return std::move(format).error();
    return CaptureReader(std::move(format).value());
}

Result<std::optional<RawFrame>> CaptureReader::next() { return format_->next(); }
std::shared_ptr<const void> CaptureReader::memory() { return format_->memory(); }
bool CaptureReader::truncated() const { return format_->truncated || format_->source_torn(); }
std::optional<std::uint64_t> CaptureReader::dropped() const { return format_->dropped; }
const std::vector<std::string>& CaptureReader::notes() const { return format_->notes; }
const std::string& CaptureReader::recorder() const { return format_->recorder; }

}  // namespace cambench::analysis
