#include "bench/sandbox/pcapng_writer.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace cambench::sandbox {
namespace {

// Block types and options of draft-ietf-opsawg-pcapng; integers in the host's order, here little endian.
constexpr std::uint32_t section_header_block = 0x0a0d0d0a;
constexpr std::uint32_t interface_description_block = 1;
constexpr std::uint32_t interface_statistics_block = 5;
constexpr std::uint32_t enhanced_packet_block = 6;
constexpr std::uint32_t decryption_secrets_block = 10;
constexpr std::uint32_t tls_key_log = 0x544c534b;
constexpr std::uint16_t option_end = 0, option_user_application = 4, option_interface_name = 2,
                        option_resolution = 9, option_packet_flags = 2;
constexpr std::uint16_t option_received = 4, option_dropped = 5;
constexpr std::uint16_t link_type_ethernet = 1;
constexpr std::uint32_t snap_length = 262144;

void pad(ByteWriter& writer, std::size_t length) { writer.zeros((4 - length % 4) % 4); }

void text_option(ByteWriter& writer, std::uint16_t code, std::string_view text) {
    writer.u16_le(code).u16_le(static_cast<std::uint16_t>(text.size())).text(text);
    pad(writer, text.size());
}

/// One whole block.
Bytes block_of(std::uint32_t type, ByteView body) {
    ByteWriter writer;
    const auto total = static_cast<std::uint32_t>(12 + body.size() + (4 - body.size() % 4) % 4);
    writer.u32_le(type).u32_le(total).bytes(body);
    pad(writer, body.size());
    writer.u32_le(total);
    return writer.take();
}

Bytes secrets_block(std::string_view key_log) {
    ByteWriter body;
    body.u32_le(tls_key_log).u32_le(static_cast<std::uint32_t>(key_log.size())).text(key_log);
    return block_of(decryption_secrets_block, body.view());
}

Bytes file_header(const std::string& interface) {
    ByteWriter section;
    section.u32_le(0x1a2b3c4d).u16_le(1).u16_le(0).u64_le(~std::uint64_t{0});
    text_option(section, option_user_application, "cambench " CAMBENCH_VERSION);
    section.u32_le(option_end);
    ByteWriter description;
    description.u16_le(link_type_ethernet).u16_le(0).u32_le(snap_length);
    text_option(description, option_interface_name, interface);
    description.u16_le(option_resolution).u16_le(1).u8(9).zeros(3);
    description.u32_le(option_end);
    auto header = block_of(section_header_block, section.view());
    const auto second = block_of(interface_description_block, description.view());
    header.insert(header.end(), second.begin(), second.end());
    return header;
}

/// Length of the section header and interface description at the start of a file of ours.
Result<std::size_t> header_length(int file) {
    std::size_t length = 0;
    for (int block = 0; block < 2; ++block) {
        std::array<std::byte, 8> head{};
        if (::pread(file, head.data(), head.size(), static_cast<off_t>(length)) !=
            static_cast<ssize_t>(head.size()))
            return bench_error("the capture has no header");
        ByteReader reader(head);
        reader.skip(4);
        length += reader.u32_le();
    }
    return length;
}

Status copy_rest(int from, off_t offset, int to) {
    struct stat status {};
    if (::fstat(from, &status) != 0) return system_error("measure the capture", errno);
    while (offset < status.st_size) {
        const auto count = ::sendfile(to, from, &offset, static_cast<std::size_t>(status.st_size - offset));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return system_error("copy the capture", errno);
    }
    return {};
}

}  // namespace

Result<PcapngWriter> PcapngWriter::create(const std::filesystem::path& file, const std::string& interface) {
    PcapngWriter writer;
    writer.file_ = file;
    writer.handle_ = FileHandle(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!writer.handle_.valid()) return system_error("create " + file.string(), errno);
    writer.pending_.bytes(file_header(interface));
    TRY(writer.flush());
    return writer;
}

void PcapngWriter::append(WallTime time, Direction direction, std::size_t length, ByteView head,
                          ByteView tail) {
    const auto stamp = static_cast<std::uint64_t>(time.time_since_epoch().count());
    const auto captured = head.size() + tail.size();
    const auto total = static_cast<std::uint32_t>(32 + captured + (4 - captured % 4) % 4 + 12);
    pending_.u32_le(enhanced_packet_block).u32_le(total).u32_le(0);
    pending_.u32_le(static_cast<std::uint32_t>(stamp >> 32)).u32_le(static_cast<std::uint32_t>(stamp));
    pending_.u32_le(static_cast<std::uint32_t>(captured))
        .u32_le(static_cast<std::uint32_t>(length))
        .bytes(head)
        .bytes(tail);
    pad(pending_, captured);
    pending_.u16_le(option_packet_flags)
        .u16_le(4)
        .u32_le(direction == Direction::from_camera ? 1 : 2)
        .u32_le(option_end)
        .u32_le(total);
    ++frames_;
}

void PcapngWriter::append_secrets(std::string_view key_log) { pending_.bytes(secrets_block(key_log)); }

void PcapngWriter::append_statistics(WallTime time, std::uint64_t received, std::uint64_t dropped) {
    const auto stamp = static_cast<std::uint64_t>(time.time_since_epoch().count());
    ByteWriter body;
    body.u32_le(0).u32_le(static_cast<std::uint32_t>(stamp >> 32)).u32_le(static_cast<std::uint32_t>(stamp));
    body.u16_le(option_received)
        .u16_le(8)
        .u64_le(received)
        .u16_le(option_dropped)
        .u16_le(8)
        .u64_le(dropped)
        .u32_le(option_end);
    pending_.bytes(block_of(interface_statistics_block, body.view()));
}

Status PcapngWriter::flush() {
    const auto status = write_all(handle_.get(), pending_.view(), file_.string());
    if (!status) {
        (void)::ftruncate(handle_.get(), static_cast<off_t>(written_));
        ::lseek(handle_.get(), static_cast<off_t>(written_), SEEK_SET);
    } else {
        written_ += pending_.size();
    }
    pending_.clear();
    return status;
}

Status put_secrets_first(const std::filesystem::path& file, const std::string& key_log) {
    const FileHandle original(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!original.valid()) return system_error("open " + file.string(), errno);
    TRY_ASSIGN(const auto header, header_length(original.get()));
    const auto temporary = file.parent_path() / ("." + file.filename().string() + ".tmp");
    FileHandle ordered(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!ordered.valid()) return system_error("create " + temporary.string(), errno);
    Bytes head(header);
    auto status = Status();
    if (::pread(original.get(), head.data(), head.size(), 0) != static_cast<ssize_t>(head.size()))
        status = system_error("read " + file.string(), errno);
    if (status.ok()) status = write_all(ordered.get(), head, temporary.string());
    if (status.ok()) status = write_all(ordered.get(), secrets_block(key_log), temporary.string());
    if (status.ok()) status = copy_rest(original.get(), static_cast<off_t>(header), ordered.get());
    if (status.ok() && ::rename(temporary.c_str(), file.c_str()) != 0)
        status = system_error("rename " + temporary.string(), errno);
    if (!status.ok()) ::unlink(temporary.c_str());
    return status;
}

}  // namespace cambench::sandbox
