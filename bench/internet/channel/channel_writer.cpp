#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "bench/internet/channel/channel.hpp"
#include "bench/internet/channel/event_frame.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t least_room = 256u << 10;
constexpr std::size_t longest_body = 16u << 20;
/// Above this a call that adds more waits for the engine.
constexpr std::size_t bound = 1u << 20;
/// Pieces of a content from this size on do not wait for the end of the event loop's turn.
constexpr std::size_t sent_without_copy = 16384;

}  // namespace

std::span<std::byte> FrameParser::room() {
    if (start_ > 0) {
        std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(start_),
                  buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
        end_ -= std::exchange(start_, 0);
    }
    if (buffer_.size() - end_ < least_room) buffer_.resize(2 * end_ + least_room);
    return std::span(buffer_).subspan(end_);
}

Result<std::optional<Frame>> FrameParser::next() {
    ByteReader reader(ByteView(buffer_).subspan(start_, end_ - start_));
    const auto length = reader.u32();
    const auto type = static_cast<FrameType>(reader.u8());
    if (reader.failed()) return std::optional<Frame>();
    if (length > longest_body)
        return bench_error(fmt::format("channel: a frame of {} bytes cannot be", length));
    const auto body = reader.take(length);
    if (reader.failed()) return std::optional<Frame>();
    start_ += reader.position();
    return std::optional(Frame{type, body});
}

ChannelWriter::ChannelWriter(int socket, std::function<void()> wake)
    : socket_(socket), wake_(std::move(wake)) {}

PayloadId ChannelWriter::begin_payload() {
    begin_frame(FrameType::payload_begin, 8);
    put_u64(++last_payload_);
    end_frame();
    return last_payload_;
}

void ChannelWriter::append(PayloadId payload, ByteView bytes) {
    while (!bytes.empty()) {
        const auto piece = bytes.first(std::min(bytes.size(), bound));
        begin_frame(FrameType::payload_bytes, 8 + piece.size());
        put_u64(payload);
        if (piece.size() >= sent_without_copy) {
            send_with(piece);
        } else {
            put(as_text(piece));
            end_frame();
        }
        bytes = bytes.subspan(piece.size());
    }
}

void ChannelWriter::end_payload(PayloadId payload) {
    begin_frame(FrameType::payload_end, 8);
    put_u64(payload);
    ++contents_;
    end_frame();
}

Recorder::Kept ChannelWriter::kept(std::uint64_t first, std::uint64_t last) const {
    const auto loss = lost_.upper_bound(first);
    if (broken_ || (loss != lost_.end() && *loss <= last)) return Kept::lost;
    return last <= settled_ ? Kept::stored : Kept::pending;
}

Status ChannelWriter::take_kept(ByteView body) {
    // Past so many the earliest are forgotten: whoever waited for them was told long ago.
    constexpr std::size_t most_lost = 65536;
    ByteReader reader(body);
    const auto settled = reader.u64();
    while (reader.remaining() >= 8) lost_.insert(reader.u64());
    while (lost_.size() > most_lost) lost_.erase(lost_.begin());
    if (reader.failed() || settled < settled_ || settled > contents_)
        return bench_error("channel: the engine settled contents that were not sent");
    settled_ = settled;
    return {};
}

void ChannelWriter::event(Nanoseconds time, std::string_view kind, const JsonText& fields,
                          std::optional<PayloadId> payload) {
    const auto head = event_frame_head(time, kind, payload);
    begin_frame(FrameType::event, head.size() + fields.members().size());
    put(head);
    put(fields.members());
    end_frame();
}

void ChannelWriter::tls_secret(std::string_view line) {
    begin_frame(FrameType::tls_secret, line.size());
    put(line);
    end_frame();
}

void ChannelWriter::ready() {
    begin_frame(FrameType::ready, 0);
    end_frame();
}

void ChannelWriter::fault(std::string_view text) {
    begin_frame(FrameType::fault, text.size());
    put(text);
    end_frame();
}

void ChannelWriter::done() {
    begin_frame(FrameType::done, 0);
    end_frame();
}

void ChannelWriter::pulse(std::uint64_t number) {
    begin_frame(FrameType::pulse, 8);
    put_u64(number);
    end_frame();
}

void ChannelWriter::begin_frame(FrameType type, std::size_t body_size) {
    for (int shift = 24; shift >= 0; shift -= 8) buffer_ += static_cast<char>(body_size >> shift & 0xff);
    buffer_ += static_cast<char>(type);
}

void ChannelWriter::put_u64(std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) buffer_ += static_cast<char>(value >> shift & 0xff);
}

void ChannelWriter::end_frame() {
    if (buffer_.size() - written_ > bound) {
        flush_all();
    } else if (!woken_) {
        woken_ = true;
        wake_();
    }
}

/// What is collected, and then `piece`, the end of its last frame.
void ChannelWriter::send_with(ByteView piece) {
    while (!broken_ && written_ < buffer_.size()) {
        std::array<iovec, 2> pieces{{{buffer_.data() + written_, buffer_.size() - written_},
                                     {const_cast<std::byte*>(piece.data()), piece.size()}}};
        const msghdr message{.msg_name = nullptr,
                             .msg_namelen = 0,
                             .msg_iov = pieces.data(),
                             .msg_iovlen = pieces.size(),
                             .msg_control = nullptr,
                             .msg_controllen = 0,
                             .msg_flags = 0};
        const auto count = ::sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count >= 0)
            written_ += static_cast<std::size_t>(count);
        else if (errno == EAGAIN)
            await_room();
        else if (errno != EINTR)
            broken_ = true;
    }
    const auto of_piece = broken_ ? piece.size() : written_ - buffer_.size();
    buffer_.clear();
    written_ = 0;
    put(as_text(piece.subspan(of_piece)));
    if (!buffer_.empty()) end_frame();
}

void ChannelWriter::await_room() const {
    pollfd waiting{.fd = socket_, .events = POLLOUT, .revents = 0};
    (void)::poll(&waiting, 1, -1);
}

ChannelWriter::Flushed ChannelWriter::flush_some() {
    woken_ = false;
    while (!broken_ && written_ < buffer_.size()) {
        const auto count = ::send(socket_, buffer_.data() + written_, buffer_.size() - written_,
                                  MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count >= 0) {
            written_ += static_cast<std::size_t>(count);
        } else if (errno == EAGAIN) {
            woken_ = true;  // the caller waits for the socket
            return Flushed::partly;
        } else if (errno != EINTR) {
            broken_ = true;
        }
    }
    buffer_.clear();
    written_ = 0;
    return Flushed::all;
}

void ChannelWriter::flush_all() {
    while (flush_some() == Flushed::partly) await_room();
}

}  // namespace cambench::internet
