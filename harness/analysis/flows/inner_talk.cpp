#include "harness/analysis/flows/inner_talk.hpp"

#include <algorithm>

#include "harness/analysis/flows/content.hpp"
#include "harness/analysis/flows/protocol.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/http.hpp"
#include "harness/wire/protocol_words.hpp"
#include "harness/wire/protocols.hpp"
#include "harness/wire/websocket.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t most_inner_talks = 256, longest_looked = 8192;
constexpr std::size_t deepest = 6;

std::size_t depth_of(std::string_view layers) {
    return static_cast<std::size_t>(std::count(layers.begin(), layers.end(), '/')) + 1;
}

/// Behind the head of an HTTP message; nullopt when it has no end.
std::optional<std::size_t> behind_head(std::string_view text) {
    const auto end = text.find("\r\n\r\n");
    return end == std::string_view::npos ? std::nullopt : std::optional(end + 4);
}

bool agrees(ByteView in, std::string_view status) {
    const auto text = as_text(in);
    return in.empty() ||
           (text.starts_with("HTTP/1.") && text.substr(8, 5).find(status) != std::string_view::npos);
}

/// What httptunnel (GNU, nocrew.org) puts into the body of its POST: an opening of one byte, then pieces
/// behind their lengths.
std::optional<Bytes> from_httptunnel(ByteView body) {
    constexpr unsigned data = 2, error = 4, pad_one = 0x45, disconnect = 0x47;
    ByteReader in(body);
    if (in.u8() != 1 || in.u16() != 1) return std::nullopt;
    in.skip(1);
    if (in.failed()) return std::nullopt;
    Bytes carried;
    while (!in.empty()) {
        const unsigned kind = in.u8();
        if (kind >= pad_one && kind <= disconnect) continue;
        if (kind < data || kind > error) return std::nullopt;
        const std::size_t length = in.u16();
        const auto piece = in.take(std::min(length, in.remaining()));
        if (kind == data) carried.insert(carried.end(), piece.begin(), piece.end());
    }
    return carried;
}

void add_all(std::vector<InnerTalk>& talks, std::vector<InnerTalk> more) {
    for (auto& one : more) note(talks, std::move(one));
}

/// A WebSocket's frames, or whatever else was agreed on instead of HTTP.
void look_behind_upgrade(std::string_view head, ByteView out, ByteView in, const std::string& layers,
                         std::vector<InnerTalk>& talks) {
    if (!agrees(in, "101") || out.empty()) return;
    if (head.find("\r\nupgrade: websocket") != std::string_view::npos) {
        WebSocketUnmasker unmasker;
        const auto plain = unmasker.take(out.first(std::min(out.size(), longest_looked)));
        return add_all(talks, find_carried(plain, layers + "/websocket"));
    }
    if (head.find("\r\nupgrade: h2c") != std::string_view::npos) return;
    const auto answer = behind_head(as_text(in));
    add_all(talks, find_talk(out, answer ? in.subspan(*answer) : ByteView(), layers + "/upgrade"));
}

}  // namespace

bool note(std::vector<InnerTalk>& talks, InnerTalk talk) {
    const auto same = [&](const InnerTalk& one) {
        return one.layers == talk.layers && one.protocol == talk.protocol && one.toward == talk.toward;
    };
    const auto known = std::find_if(talks.begin(), talks.end(), same);
    if (known == talks.end()) {
        if (talks.size() >= most_inner_talks) return false;
        talks.push_back(std::move(talk));
        return true;
    }
    known->times += talk.times;
    known->bytes = std::max(known->bytes, talk.bytes);
    return true;
}

std::vector<InnerTalk> find_talk(ByteView out, ByteView in, const std::string& layers,
                                 const std::string& toward) {
    if (out.empty() && in.empty()) return {};
    std::vector<InnerTalk> talks;
    Heads heads{out, in, Transport::tcp, 0, 0, false};
    auto protocol = detect_protocol(heads);
    if (protocol.empty() && !find_given_shell(out, in).what.empty()) protocol = "shell";
    note(talks, {layers, protocol, toward, {}, {}, out.size(), 1});
    if (protocol == protocol::http && depth_of(layers) < deepest)
        add_all(talks, find_inner_talks(out, in, layers + "/http"));
    return talks;
}

std::vector<InnerTalk> find_carried(ByteView content, const std::string& layers) {
    if (const auto tunnelled = from_httptunnel(content)) {
        std::vector<InnerTalk> talks{{layers, "httptunnel", {}, {}, {}, content.size(), 1}};
        if (!tunnelled->empty()) add_all(talks, find_talk(*tunnelled, {}, layers + "/httptunnel"));
        return talks;
    }
    auto talks = find_talk(content, {}, layers);
    std::erase_if(talks, [](const InnerTalk& one) {
        return !carries_or_lets_in(one.protocol) && one.protocol != protocol::tls;
    });
    return talks;
}

std::vector<InnerTalk> find_inner_talks(ByteView out, ByteView in, const std::string& layers) {
    std::vector<InnerTalk> talks;
    const auto text = as_text(out);
    for (std::size_t at = 0; at < text.size() && talks.size() < most_inner_talks;) {
        const auto end = behind_head(text.substr(at));
        const auto requests = end ? parse_http_requests(out.subspan(at, *end)) : std::vector<HttpRequest>();
        if (requests.empty()) return talks;
        const auto& request = requests.front();
        const auto rest = out.subspan(at + *end);
        const auto head = lower(text.substr(at, *end));
        if (request.method == "CONNECT") {
            const auto answer = behind_head(as_text(in));
            if (agrees(in, "200") && !rest.empty())
                add_all(talks, find_talk(rest, answer ? in.subspan(*answer) : ByteView(), layers + "/connect",
                                         request.target));
            return talks;
        }
        if (head.find("\r\nupgrade:") != std::string::npos) {
            look_behind_upgrade(head, rest, in, layers, talks);
            return talks;
        }
        const auto length = static_cast<std::size_t>(
            std::min<std::uint64_t>(request.content_length.value_or(0), rest.size()));
        const auto body = rest.first(request.chunked ? std::size_t{0} : length);
        if (body.size() >= 4)
            add_all(talks, find_carried(body.first(std::min(body.size(), longest_looked)), layers + "/body"));
        if (request.chunked) return talks;
        at += *end + length;
    }
    return talks;
}

}  // namespace cambench::analysis
