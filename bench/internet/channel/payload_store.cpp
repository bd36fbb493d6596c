#include "bench/internet/channel/payload_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace cambench::internet {
namespace {

constexpr std::size_t kept_in_memory = 256u << 10;

Status append_to_file(const std::filesystem::path& file, ByteView first, ByteView second) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (descriptor < 0) return system_error(fmt::format("keep payload in {}", file.string()), errno);
    int trouble = 0;
    for (auto bytes : {first, second}) {
        while (!bytes.empty() && trouble == 0) {
            const auto count = ::write(descriptor, bytes.data(), bytes.size());
            if (count >= 0)
                bytes = bytes.subspan(static_cast<std::size_t>(count));
            else if (errno != EINTR)
                trouble = errno;
        }
    }
    if (::close(descriptor) != 0 && trouble == 0) trouble = errno;
    if (trouble != 0) return system_error(fmt::format("keep payload in {}", file.string()), trouble);
    return {};
}

}  // namespace

PayloadStore::~PayloadStore() {
    std::vector<std::uint64_t> open;
    for (const auto& [id, growing] : growing_) open.push_back(id);
    for (const auto id : open) (void)end(id).ok();
}

std::filesystem::path PayloadStore::partial(std::uint64_t id) const {
    return directory_ / fmt::format("partial-{}", id);
}

void PayloadStore::begin(std::uint64_t id) { growing_.try_emplace(id); }

Status PayloadStore::append(std::uint64_t id, ByteView bytes) {
    const auto found = growing_.find(id);
    if (found == growing_.end()) return bench_error(fmt::format("payload {} grows without a beginning", id));
    auto& growing = found->second;
    if (growing.failed) return {};
    growing.hash.update(bytes);
    growing.bytes += bytes.size();
    if (growing.pending.size() + bytes.size() <= kept_in_memory) {
        growing.pending.insert(growing.pending.end(), bytes.begin(), bytes.end());
        return {};
    }
    auto status = spill(id, growing, bytes);
    if (!status) {
        growing.failed = status.error();
        growing.pending = {};
    }
    return status;
}

Status PayloadStore::spill(std::uint64_t id, Growing& growing, ByteView further) {
    TRY(append_to_file(partial(id), growing.pending, further));
    growing.pending.clear();
    growing.on_disk = true;
    return {};
}

Result<PayloadStore::Kept> PayloadStore::end(std::uint64_t id) {
    const auto found = growing_.find(id);
    if (found == growing_.end()) return bench_error(fmt::format("payload {} ends without a beginning", id));
    auto growing = std::move(found->second);
    growing_.erase(found);
    std::error_code removed;
    if (growing.failed) {
        std::filesystem::remove(partial(id), removed);
        return bench_error(
            fmt::format("{}: {} bytes of a content are lost", growing.failed->message, growing.bytes));
    }
    Kept kept{growing.hash.finish(), growing.bytes};
    const auto target = directory_ / kept.sha256;
    std::error_code code;
    if (std::filesystem::exists(target, code)) {
        if (growing.on_disk) std::filesystem::remove(partial(id), code);
        return kept;
    }
    if (!growing.pending.empty() || !growing.on_disk) {
        if (auto status = spill(id, growing, {}); !status) {
            std::filesystem::remove(partial(id), removed);
            return std::move(status).error();
        }
    }
    std::filesystem::rename(partial(id), target, code);
    if (code) return bench_error(fmt::format("keep payload as {}: {}", target.string(), code.message()));
    return kept;
}

}  // namespace cambench::internet
