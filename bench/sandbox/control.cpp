#include "bench/sandbox/control.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "harness/core/json.hpp"
#include "harness/core/launch/packet_socket.hpp"

namespace cambench::sandbox {
namespace {

constexpr std::string_view other_side = "the sandbox";
constexpr off_t longest_file = off_t{1} << 30;
/// A message of this one member is in the file that travels with it, the last of its descriptors.
constexpr auto in_file = "message_in_file";

/// What does not fit into one message goes into a file in memory: an <internet> may hold whole firmware
/// images.
Result<FileHandle> put_in_file(std::string_view text) {
    FileHandle file(::memfd_create("cambench-message", MFD_CLOEXEC));
    if (!file.valid()) return system_error("memfd_create for the sandbox", errno);
    TRY(write_all(file.get(), as_bytes(text), "a message to the sandbox"));
    return file;
}

Result<Json> take_from_file(const FileHandle& file) {
    struct stat state {};
    if (::fstat(file.get(), &state) != 0 || state.st_size > longest_file)
        return bench_error("the sandbox sent an unreadable message");
    std::string text(static_cast<std::size_t>(state.st_size), '\0');
    for (std::size_t at = 0; at < text.size();) {
        const auto count = ::pread(file.get(), text.data() + at, text.size() - at, static_cast<off_t>(at));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return bench_error("the sandbox sent an unreadable message");
        at += static_cast<std::size_t>(count);
    }
    return parse_json(text);
}

}  // namespace

Result<std::pair<ControlSocket, ControlSocket>> ControlSocket::make_pair() {
    TRY_ASSIGN(auto ends, make_packet_pair(other_side));
    return std::pair(ControlSocket(std::move(ends.first)), ControlSocket(std::move(ends.second)));
}

Status ControlSocket::send(const Json& body, std::span<const int> descriptors) {
    const auto text = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() <= longest_packet) return send_packet(handle_.get(), text, descriptors, other_side);
    TRY_ASSIGN(const auto file, put_in_file(text));
    std::vector<int> with_file(descriptors.begin(), descriptors.end());
    with_file.push_back(file.get());
    return send({{in_file, true}}, with_file);
}

Result<std::optional<Message>> ControlSocket::receive(Deadline deadline) {
    TRY_ASSIGN(auto packet, receive_packet(handle_.get(), deadline, other_side));
    if (!packet) return std::optional<Message>{};
    if (!packet->whole) return bench_error("the sandbox sent more than a message holds");
    Message message{parse_json(packet->text), std::move(packet->descriptors)};
    if (message.body.is_object() && message.body.contains(in_file) && !message.descriptors.empty()) {
        TRY_ASSIGN(message.body, take_from_file(message.descriptors.back()));
        message.descriptors.pop_back();
    }
    if (message.body.is_discarded()) return bench_error("the sandbox sent an unreadable message");
    return std::optional<Message>(std::move(message));
}

}  // namespace cambench::sandbox
