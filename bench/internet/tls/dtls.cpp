#include "bench/internet/tls/dtls.hpp"

#include <algorithm>

#include "bench/internet/tls/tls.hpp"
#include "harness/wire/dtls_record.hpp"

#include "bench/internet/tls/tls.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t most_sessions = 256, longest_flight = 1200;
constexpr std::chrono::seconds session_idle{120};

/// What comes out of a session, a datagram at a time.
class DatagramsInside final : public StreamDialogue {
public:
    DatagramsInside(Flow flow, const Dtls::Inside& inside) : flow_(std::move(flow)), inside_(inside) {}
    void received(ByteView bytes, Output& output) override { output.bytes += as_text(inside_(flow_, bytes)); }
    void camera_finished(Output& output) override { output.close = true; }
    void closed() override {}

private:
    Flow flow_;
    const Dtls::Inside& inside_;
};

}  // namespace

std::optional<Bytes> Dtls::received(World& world, const Flow& flow, ByteView datagram) {
    if (world.tls == nullptr || !is_dtls(datagram)) return std::nullopt;
    const auto random = dtls_hello_random(datagram);
    const Key key{flow.camera, flow.destination};
    auto found = sessions_.find(key);
    if (found == sessions_.end() && random.empty()) return std::nullopt;
    if (!world.reachable(flow)) return std::nullopt;
    const bool anew =
        found != sessions_.end() && !random.empty() &&
        !std::equal(random.begin(), random.end(), found->second.random.begin(), found->second.random.end());
    if (anew) {
        found->second.dialogue->closed();
        sessions_.erase(found);
        found = sessions_.end();
    }
    if (found == sessions_.end()) {
        if (sessions_.size() >= most_sessions) finish(world, Which::all);
        auto dialogue = make_dtls_dialogue(world, flow, [this](World&, Flow inner) {
            return std::make_unique<DatagramsInside>(std::move(inner), inside_);
        });
        found =
            sessions_.try_emplace(key, Session{std::move(dialogue), Bytes(random.begin(), random.end()), {}})
                .first;
    }
    auto& session = found->second;
    session.last = world.now();
    Output output;
    // One record after the other: behind a hello that is said again OpenSSL leaves what else the datagram
    // holds unread.
    while (!datagram.empty() && !output.close) {
        const auto size = dtls_record_size(datagram);
        session.dialogue->received(datagram.first(size), output);
        datagram = datagram.subspan(size);
    }
    if (output.close) {
        session.dialogue->closed();
        sessions_.erase(found);
    }
    auto datagrams = dtls_datagrams(as_bytes(output.bytes), longest_flight);
    for (std::size_t i = 1; i < datagrams.size(); ++i)
        world.further_answers.push_back(std::move(datagrams[i]));
    return datagrams.empty() ? Bytes() : std::move(datagrams[0]);
}

void Dtls::finish(const World& world, Which which) {
    std::erase_if(sessions_, [&](auto& one) {
        if (which == Which::idle && world.now() - one.second.last <= session_idle) return false;
        one.second.dialogue->closed();
        return true;
    });
}

}  // namespace cambench::internet
