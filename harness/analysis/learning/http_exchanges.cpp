#include "harness/analysis/learning/http_exchanges.hpp"

#include <algorithm>

#include "harness/core/text.hpp"
#include "harness/wire/http.hpp"

namespace cambench::analysis {
namespace {

constexpr std::size_t most_exchanges = 10'000;

std::string joined(const RecordedTalk& talk, bool by_client) {
    std::string bytes;
    for (const auto& utterance : talk.utterances)
        if (utterance.by_client == by_client) bytes += utterance.bytes;
    return bytes;
}

/// When the client said its byte at `offset`.
WallTime said_at(const RecordedTalk& talk, std::size_t offset) {
    WallTime time{};
    for (const auto& utterance : talk.utterances) {
        if (!utterance.by_client) continue;
        time = utterance.time;
        if (offset < utterance.bytes.size()) break;
        offset -= utterance.bytes.size();
    }
    return time;
}

bool read_request_words(HttpExchange& exchange) {
    const auto words = split(exchange.request.first_line, ' ');
    if (words.size() != 3 || !words[2].starts_with("HTTP/1.")) return false;
    exchange.method = words[0];
    exchange.target = words[1];
    return true;
}

std::string host_in(const HttpExchange& exchange, const RecordedTalk& talk) {
    if (auto host = host_without_port(exchange.request.header("host")); !host.empty()) return host;
    return talk.name.empty() ? talk.server.address.to_string() : talk.name;
}

}  // namespace

std::string HttpExchange::path() const {
    auto rest = std::string_view(target);
    if (const auto scheme = rest.find("://"); scheme != std::string_view::npos && scheme <= 8) {
        rest.remove_prefix(scheme + 3);
        rest.remove_prefix(std::min(rest.find('/'), rest.size()));
    }
    return std::string(rest.substr(0, rest.find('?')));
}

std::string HttpExchange::query() const {
    const auto mark = target.find('?');
    return mark == std::string::npos ? std::string() : target.substr(mark + 1);
}

std::vector<HttpExchange> http_exchanges(const RecordedTalk& talk) {
    std::vector<HttpExchange> exchanges;
    if (talk.transport != Transport::tcp || talk.utterances.empty() || !talk.utterances.front().by_client)
        return exchanges;
    const auto asked = joined(talk, true), answered = joined(talk, false);
    std::size_t from = 0, back = 0;
    while (from < asked.size() && exchanges.size() < most_exchanges) {
        auto request = parse_http_message(std::string_view(asked).substr(from), HttpSide::request, true);
        if (!request) break;
        HttpExchange exchange{.host = {},
                              .port = talk.server.port,
                              .method = {},
                              .target = {},
                              .request = std::move(*request),
                              .answer = {},
                              .status = 0,
                              .time = said_at(talk, from)};
        if (!read_request_words(exchange)) break;
        from += exchange.request.size;
        exchange.host = host_in(exchange, talk);
        const auto side = exchange.method == "HEAD" ? HttpSide::answer_to_head : HttpSide::answer;
        do {  // what comes before the final answer tells nothing
            auto answer = parse_http_message(std::string_view(answered).substr(back), side, true);
            if (!answer) return exchanges;
            back += answer->size;
            exchange.status = http_status(answer->first_line);
            exchange.answer = std::move(*answer);
        } while (exchange.status / 100 == 1 && exchange.status != 101);
        const bool other_protocol = exchange.status == 101;
        exchanges.push_back(std::move(exchange));
        if (other_protocol) break;
    }
    return exchanges;
}

}  // namespace cambench::analysis
