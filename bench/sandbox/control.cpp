#include "bench/sandbox/control.hpp"

#include "harness/core/json.hpp"

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace cambench::sandbox {
namespace {

constexpr std::size_t longest_message = 1 << 16;
constexpr std::size_t most_descriptors = 8;
constexpr off_t longest_file = off_t{1} << 30;
/// A message of this one member is in the file that travels with it, the last of its descriptors.
constexpr auto in_file = "message_in_file";

/// What does not fit into one message goes into a file in memory: an <internet> may hold whole firmware images.
Result<FileHandle> put_in_file(std::string_view text) {
    FileHandle file(::memfd_create("cambench-message", MFD_CLOEXEC));
    if (!file.valid()) return system_error("memfd_create for the sandbox", errno);
    TRY(write_all(file.get(), as_bytes(text), "a message to the sandbox"));
    return file;
}

Result<Json> take_from_file(const FileHandle& file) {
    struct stat state {};
    if (::fstat(file.get(), &state) != 0 || state.st_size > longest_file) return bench_error("the sandbox sent an unreadable message");
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
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return system_error("socketpair for the sandbox", errno);
    return std::pair(ControlSocket(FileHandle(ends[0])), ControlSocket(FileHandle(ends[1])));
}

Status ControlSocket::send(const Json& body, std::span<const int> descriptors) {
    auto text = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > longest_message) {
        TRY_ASSIGN(const auto file, put_in_file(text));
        std::vector<int> with_file(descriptors.begin(), descriptors.end());
        with_file.push_back(file.get());
        return send({{in_file, true}}, with_file);
    }
    iovec part{text.data(), text.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    std::array<char, CMSG_SPACE(sizeof(int) * most_descriptors)> ancillary{};
    if (!descriptors.empty()) {
        header.msg_control = ancillary.data();
        header.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors.size());
        auto* control = CMSG_FIRSTHDR(&header);
        control->cmsg_level = SOL_SOCKET;
        control->cmsg_type = SCM_RIGHTS;
        control->cmsg_len = CMSG_LEN(sizeof(int) * descriptors.size());
        std::memcpy(CMSG_DATA(control), descriptors.data(), sizeof(int) * descriptors.size());
    }
    while (::sendmsg(handle_.get(), &header, MSG_NOSIGNAL) < 0)
        if (errno != EINTR) return system_error("send to the sandbox", errno);
    return {};
}

Result<std::optional<Message>> ControlSocket::receive(Deadline deadline) {
    pollfd entry{handle_.get(), POLLIN, 0};
    for (int ready = 0; ready <= 0;) {
        ready = ::poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(deadline.remaining().count(), 3'600'000)));
        if (ready < 0 && errno != EINTR) return system_error("wait for the sandbox", errno);
        if (ready == 0 && deadline.passed()) return timeout_error("the sandbox did not answer in time");
    }
    std::string text(longest_message, '\0');
    iovec part{text.data(), text.size()};
    std::array<char, CMSG_SPACE(sizeof(int) * most_descriptors)> ancillary{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = ancillary.data();
    header.msg_controllen = ancillary.size();
    const auto count = ::recvmsg(handle_.get(), &header, MSG_CMSG_CLOEXEC);
    if (count == 0 || (count < 0 && errno == ECONNRESET)) return std::optional<Message>{};
    if (count < 0) return system_error("receive from the sandbox", errno);
    Message message;
    for (auto* control = CMSG_FIRSTHDR(&header); control != nullptr; control = CMSG_NXTHDR(&header, control)) {
        if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) continue;
        std::array<int, most_descriptors> received{};
        const auto number = std::min((control->cmsg_len - CMSG_LEN(0)) / sizeof(int), most_descriptors);
        std::memcpy(received.data(), CMSG_DATA(control), number * sizeof(int));
        for (std::size_t i = 0; i < number; ++i) message.descriptors.emplace_back(received[i]);
    }
    message.body = parse_json(text.substr(0, static_cast<std::size_t>(count)));
    if (message.body.is_object() && message.body.contains(in_file) && !message.descriptors.empty()) {
        TRY_ASSIGN(message.body, take_from_file(message.descriptors.back()));
        message.descriptors.pop_back();
    }
    if (message.body.is_discarded()) return bench_error("the sandbox sent an unreadable message");
    return std::optional<Message>(std::move(message));
}

}  // namespace cambench::sandbox
