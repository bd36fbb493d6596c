#include "harness/checks/traffic.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>

#include "harness/core/text.hpp"

namespace cambench {

bool leaves_network(const analysis::Destination& destination) {
    return destination.resolution != analysis::Resolution::lan && !destination.asked_for;
}

bool is_own_business(Standing standing) {
    return standing == Standing::declared || standing == Standing::undeclared ||
           standing == Standing::unknown;
}

Verdict unless_declared(Standing standing, const Declaration* declaration) {
    if (standing == Standing::declared) return Verdict::pass;
    if (declaration == nullptr || standing == Standing::unknown) return Verdict::inconclusive;
    return Verdict::fail;
}

bool speaks_of(std::string_view text, std::initializer_list<std::string_view> words) {
    const auto plain = lower(text);
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
        for (auto at = plain.find(word); at != std::string::npos; at = plain.find(word, at + 1)) {
            if (at == 0 || !std::isalnum(static_cast<unsigned char>(plain[at - 1]))) return true;
        }
        return false;
    });
}

namespace {

std::vector<Pointer> pointers_to(const analysis::Observations& observations, const analysis::FrameRef& frame,
                                 const std::string& payload) {
    std::vector<Pointer> pointers{pointer_to(observations, frame)};
    if (!payload.empty()) {
        Pointer content;
        content.time = pointers.front().time;
        content.file = payload;
        pointers.push_back(std::move(content));
    }
    return pointers;
}

}  // namespace

std::vector<Pointer> pointers_to(const analysis::Observations& observations,
                                 const analysis::ContentFact& fact) {
    return pointers_to(observations, fact.frame, fact.payload);
}

std::vector<Pointer> pointers_to(const analysis::Observations& observations,
                                 const analysis::InnerTalk& talk) {
    return pointers_to(observations, talk.frame, talk.payload);
}

std::string describe_standing(const analysis::Destination& destination, const Match& match,
                              const Declaration* declaration) {
    if (declaration == nullptr) return describe(destination);
    if (match.standing != Standing::declared) return describe(destination) + ", which is not declared";
    if (match.entry == nullptr || match.entry->purpose.empty())
        return describe(destination) + ", which is declared";
    return fmt::format("{}, declared for: {}", describe(destination), inert(match.entry->purpose));
}

}  // namespace cambench
