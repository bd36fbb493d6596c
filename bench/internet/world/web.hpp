#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "bench/internet/world/personality.hpp"
#include "harness/wire/http_message.hpp"

namespace cambench::internet {

/// A request as far as an answer depends on it.
struct WebRequest {
    const HttpHead& head;
    std::string host;    ///< canonical, without port: Host, else the absolute target's, else the address
    std::string camera;  ///< its address
    std::string destination;
    WallTime now;                ///< the fake internet's time
    std::string_view body = {};  ///< the first bytes of what was sent
};

struct WebAnswer {
    HttpAnswer answer;
    std::string_view by;    ///< "route", "update", "connectivity", "dahua-p2p", "dahua-registration",
                            ///< "websocket" or "default"
    bool upgraded = false;  ///< 101, and 200 of a proxy: from here on the connection is not HTTP
    UpdateRole role = UpdateRole::none;
};

/// All web servers of the world: what is answered to a request, whatever carried it (TCP, TLS, a datagram).
class Web {
public:
    void add(HttpRoute route);
    /// Takes the place of what was offered before: `number` is the scenario's count of offers.
    void offer(std::uint64_t number, std::vector<HttpRoute> routes);
    [[nodiscard]] std::uint64_t offer_number() const { return offer_number_; }  ///< 0: nothing is offered yet
    /// What is on offer as a package at this host; nullptr when nothing is.
    [[nodiscard]] const HttpRoute* package_for(std::string_view host) const;
    [[nodiscard]] WebAnswer answer(const WebRequest& request);

private:
    struct Route {
        HttpRoute route;
        std::size_t taken = 0;
    };
    [[nodiscard]] std::optional<WebAnswer> from_offers(const WebRequest& request) const;
    [[nodiscard]] const HttpRoute* learned_like(const WebRequest& request) const;
    [[nodiscard]] std::optional<WebAnswer> from_routes(const WebRequest& request);
    [[nodiscard]] std::optional<WebAnswer> from_camera_clouds(const WebRequest& request);

    std::vector<HttpRoute> offers_;
    std::uint64_t offer_number_ = 0;
    std::vector<Route> routes_;
    std::unordered_map<std::string, std::vector<std::size_t>> by_host_;
    std::vector<std::size_t> any_host_;           ///< with patterns
    std::unordered_set<std::string> challenged_;  ///< cameras and paths that had their first 401
};

/// Whether `text` fits `pattern`, in which '*' stands for any characters.
[[nodiscard]] bool fits(std::string_view pattern, std::string_view text);

}  // namespace cambench::internet
