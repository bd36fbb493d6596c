#include "bench/internet/world/dialogue_book.hpp"

#include "bench/internet/world/world.hpp"
#include "harness/core/text.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

constexpr double alike_enough = 0.5, as_good_as = 0.02;

}  // namespace

void DialogueBook::add(DialogueServer server) {
    Served served{std::move(server), {}};
    served.taken.resize(served.server.turns.size());
    served_.push_back(std::move(served));
}

DialogueBook::Served* DialogueBook::find(const Flow& flow, std::string_view name) {
    for (auto& served : served_) {
        const auto& server = served.server;
        if (server.port != flow.destination.port || server.transport != flow.transport ||
            server.inside_tls != (flow.inside == protocol::tls))
            continue;
        const bool named = !server.name.empty() && !name.empty() && name_matches(server.name, name);
        if (named || (server.address && *server.address == flow.destination.address)) return &served;
    }
    return nullptr;
}

std::optional<DialogueBook::Choice> DialogueBook::take(Served& served, std::string_view input,
                                                       Patience patience) {
    const auto& turns = served.server.turns;
    std::vector<std::size_t> fitting;
    double best = 0;
    for (std::size_t i = 0; i < turns.size(); ++i) {
        if (!turns[i].request) continue;
        const auto found = match(*turns[i].request, input);
        if (found && (found->certain || patience == Patience::alike)) fitting.push_back(i);
        if (patience == Patience::alike) best = std::max(best, likeness(*turns[i].request, input));
    }
    const bool exact = !fitting.empty();
    if (!exact && best >= alike_enough)
        for (std::size_t i = 0; i < turns.size(); ++i)
            if (turns[i].request && likeness(*turns[i].request, input) >= best - as_good_as)
                fitting.push_back(i);
    if (fitting.empty()) return std::nullopt;
    auto chosen = fitting.back();
    for (const auto turn : fitting)
        if (served.taken[turn] == 0) {
            chosen = turn;
            break;
        }
    ++served.taken[chosen];
    return Choice{chosen, guess(*turns[chosen].request, input), exact};
}

const DialogueTurn* DialogueBook::opening(const Served& served) {
    const auto& turns = served.server.turns;
    return !turns.empty() && !turns.front().request ? &turns.front() : nullptr;
}

}  // namespace cambench::internet
