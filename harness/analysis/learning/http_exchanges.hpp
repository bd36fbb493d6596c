#pragma once

#include <string>
#include <vector>

#include "harness/analysis/learning/learn_dialogues.hpp"
#include "harness/wire/http_body.hpp"

namespace cambench::analysis {

/// A request and its final answer.
struct HttpExchange {
    std::string
        host;  ///< as the client called it, lower case, without port; else the server's name or address
    std::uint16_t port = 80;
    std::string method, target;
    HttpMessage request, answer;
    unsigned status = 0;
    WallTime time{};  ///< of the request

    [[nodiscard]] std::string path() const;  ///< without query and, of an absolute target, without the server
    [[nodiscard]] std::string query() const;  ///< "" for none
};

/// What was asked and answered in a conversation, as long as it is HTTP/1.x.
[[nodiscard]] std::vector<HttpExchange> http_exchanges(const RecordedTalk& talk);

}  // namespace cambench::analysis
