#include "bench/sandbox/wire.hpp"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cstring>

namespace cambench::sandbox {
namespace {

constexpr std::size_t most_senders = 64;
constexpr std::size_t mac_bytes = 6;

template <typename Question>
bool ask(int socket, const std::string& interface, Question& question) {
    ifreq request{};
    std::strncpy(request.ifr_name, interface.c_str(), IFNAMSIZ - 1);
    request.ifr_data = reinterpret_cast<char*>(&question);
    return ::ioctl(socket, SIOCETHTOOL, &request) == 0;
}

}  // namespace

std::optional<Link> read_link(int socket, const std::string& interface) {
    ethtool_value link{};
    link.cmd = ETHTOOL_GLINK;
    if (!ask(socket, interface, link)) return std::nullopt;
    ethtool_cmd settings{};
    settings.cmd = ETHTOOL_GSET;
    return Link{link.data != 0, ask(socket, interface, settings) && settings.autoneg == AUTONEG_ENABLE};
}

void Senders::hear(ByteView frame, Monotonic::time_point now) {
    if (frame.size() < 2 * mac_bytes) return;
    const auto mac = MacAddress::from(frame.subspan(mac_bytes, mac_bytes));
    if (mac.is_group()) return;
    const std::scoped_lock lock(mutex_);
    const auto found =
        std::find_if(senders_.begin(), senders_.end(), [&](const Sender& one) { return one.mac == mac; });
    if (found == senders_.end()) {
        if (senders_.size() < most_senders) senders_.push_back({mac, 1, now, {}});
        return;
    }
    found->longest_pause = std::max<Nanoseconds>(found->longest_pause, now - found->last);
    found->last = now;
    ++found->frames;
}

std::vector<Sender> Senders::list() const {
    const std::scoped_lock lock(mutex_);
    return senders_;
}

}  // namespace cambench::sandbox
