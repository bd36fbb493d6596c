// SIP over streams, and over datagrams.
#include <algorithm>

#include "bench/internet/services/media/sip.hpp"
#include "bench/internet/services/media/sip_carriers.hpp"
#include "bench/internet/world/dialogue.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t longest_sip_head = 65536, longest_sip_body = 1U << 20, most_sip_clients = 256;
constexpr std::chrono::seconds sip_client_idle{180};

class SipDialogue final : public StreamDialogue {
public:
    SipDialogue(World& world, Flow flow) : server_(world, std::move(flow)) {}

    void received(ByteView bytes, Output& output) override {
        pending_.insert(pending_.end(), bytes.begin(), bytes.end());
        std::size_t done = 0;
        while (!over_) {
            const auto taken = take_one(ByteView(pending_).subspan(done), output);
            if (taken == 0) break;
            done += taken;
        }
        pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(done));
        output.close = output.close || over_;
    }
    void camera_finished(Output& output) override { output.close = true; }
    void closed() override { server_.finish(); }

private:
    /// How many bytes the next message has; 0 when it is not whole yet.
    std::size_t take_one(ByteView bytes, Output& output) {
        const auto text = as_text(bytes);
        if (text.empty()) return 0;
        if (text.starts_with("\r\n\r\n")) {
            output.bytes += "\r\n";  // a client that asks whether we are there (RFC 5626, 3.5.1)
            return 4;
        }
        if (text[0] == '\n' || (text[0] == '\r' && text.size() > 1 && text != "\r\n" && text != "\r\n\r"))
            return 1;
        if (text[0] == '\r') return 0;
        const auto end = head_end(text);
        if (!end) {
            if (bytes.size() > longest_sip_head) give_up("sip: head without end", bytes);
            return 0;
        }
        const auto head = parse_sip_head(bytes.first(*end));
        if (!head) return give_up(head.error().message, bytes.first(*end));
        const auto length = head->body_size();
        if (length > longest_sip_body) return give_up("sip: body too long", bytes.first(*end));
        if (bytes.size() < *end + length) return 0;
        for (const auto& said : server_.take(*head, bytes.subspan(*end, length))) output.bytes += said;
        return *end + length;
    }

    std::size_t give_up(std::string_view why, ByteView bytes) {
        server_.malformed(why, bytes);
        over_ = true;
        return 0;
    }

    SipServer server_;
    Bytes pending_;
    bool over_ = false;
};

}  // namespace

std::optional<Bytes> SipDatagrams::received(World& world, const Flow& flow, ByteView datagram) {
    const Key key{flow.camera, flow.destination};
    auto found = clients_.find(key);
    const auto text = as_text(datagram);
    const bool empty = text.find_first_not_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
    if (found != clients_.end() && empty) return Bytes();  // keeps the way open
    if (sip_likeness(datagram) != Likeness::yes) return std::nullopt;
    if (found == clients_.end()) {
        if (clients_.size() >= most_sip_clients) finish(world, Which::all);
        found = clients_.try_emplace(key, Client{std::make_unique<SipServer>(world, flow), {}}).first;
    }
    auto& client = found->second;
    client.last = world.now();
    const auto end = head_end(text).value_or(datagram.size());
    const auto head = parse_sip_head(datagram.first(end));
    if (!head) {
        client.server->malformed(head.error().message, datagram);
        return Bytes();
    }
    const auto body = datagram.subspan(end);
    auto said = client.server->take(*head, head->header("Content-Length").empty()
                                               ? body
                                               : body.first(std::min(body.size(), head->body_size())));
    for (std::size_t i = 1; i < said.size(); ++i) world.further_answers.push_back(to_bytes(said[i]));
    return said.empty() ? Bytes() : to_bytes(said[0]);
}

void SipDatagrams::finish(const World& world, Which which) {
    std::erase_if(clients_, [&](auto& one) {
        return which == Which::all || world.now() - one.second.last > sip_client_idle;
    });
}

std::unique_ptr<StreamDialogue> make_sip_dialogue(World& world, Flow flow) {
    return std::make_unique<SipDialogue>(world, std::move(flow));
}

}  // namespace cambench::internet
