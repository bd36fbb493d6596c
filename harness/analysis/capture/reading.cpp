#include "harness/analysis/capture/reading.hpp"

namespace cambench::analysis {

void PacketTaker::show(Packet packet, bool carries_mirror,
                       const std::function<void(const Packet&)>& use) const {
    packet.carries_mirror = carries_mirror;
    if (reading_.without_macs) {
        packet.source_mac.reset();
        packet.target_mac.reset();
    }
    use(packet);
}

void PacketTaker::take(const Packet& packet, const std::function<void(const Packet&)>& use, unsigned depth) {
    const auto wrapped = depth < deepest ? unwrap(packet) : std::nullopt;
    if (!wrapped && !reading_.without_macs) return use(packet);
    if (!wrapped) return show(packet, false, use);
    if (tunnels_ != nullptr) tunnels_->add(packet, *wrapped);
    const bool mirror = reading_.mirrors.contains({wrapped->kind, packet.source, packet.target});
    show(packet, mirror, use);
    if (!mirror || !wrapped->inner) return;
    if (!wrapped->inner->fragment) return take(*wrapped->inner, use, depth + 1);
    if (const auto whole = inside_.add(*wrapped->inner)) take(whole->packet, use, depth + 1);
}

}  // namespace cambench::analysis
