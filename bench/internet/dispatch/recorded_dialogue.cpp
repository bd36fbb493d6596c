#include "bench/internet/dispatch/recorded_dialogue.hpp"

#include "bench/internet/world/characterise.hpp"
#include "bench/internet/world/dialogue_book.hpp"
#include "harness/core/text.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t longest_message = 1u << 20;

std::string_view name_of(const World& world, const Flow& flow) {
    const auto* name = world.names.name_of(flow.destination.address);
    return name != nullptr ? std::string_view(*name) : std::string_view(flow.server_name);
}

void record_turn(World& world, const Flow& flow, std::string_view message,
                 const DialogueBook::Choice& choice) {
    auto fields = flow_fields(world, flow,
                              flow.transport == Transport::udp
                                  ? characterise_datagram(as_bytes(message), flow.destination.port)
                                  : characterise_stream(as_bytes(message)));
    fields.number("turn", static_cast<std::int64_t>(choice.turn + 1)).flag("exact", choice.exact);
    world.record("recorded-turn", fields, as_bytes(message));
}

/// A server that says what it said in a recording. A client that begins otherwise gets an ordinary
/// conversation.
class RecordedDialogue final : public StreamDialogue {
public:
    RecordedDialogue(World& world, Flow flow, DialogueBook::Served& served)
        : world_(world), flow_(std::move(flow)), served_(served) {}

    void opened(Output& output) override {
        if (const auto* opening = DialogueBook::opening(served_)) {
            say(*opening, {}, output);
            begun_ = true;
        }
    }
    void received(ByteView bytes, Output& output) override {
        if (ordinary_) return ordinary_->received(bytes, output);
        if (over_) return;
        message_ += as_text(bytes);
        go_on(DialogueBook::Patience::exact, output);
        if (message_.size() > longest_message) give_up(output);
    }
    void silence(Output& output) override {
        if (ordinary_) return ordinary_->silence(output);
        if (message_.empty()) return;
        go_on(DialogueBook::Patience::alike, output);
        if (!message_.empty()) give_up(output);
    }
    void camera_finished(Output& output) override {
        if (!ordinary_ && !message_.empty()) silence(output);
        if (ordinary_) return ordinary_->camera_finished(output);
        output.close = true;
    }
    void woken(Output& output) override {
        if (ordinary_) ordinary_->woken(output);
    }
    void closed() override {
        if (ordinary_) return ordinary_->closed();
        if (!message_.empty()) record_rest();
    }

private:
    void go_on(DialogueBook::Patience patience, Output& output) {
        while (!message_.empty() && !over_) {
            const auto choice = DialogueBook::take(served_, message_, patience);
            if (!choice) return;
            record_turn(world_, flow_, std::string_view(message_).substr(0, choice->match.size), *choice);
            message_.erase(0, choice->match.size);
            begun_ = true;
            say(served_.server.turns[choice->turn], choice->match, output);
            if (choice->match.size == 0) return;
        }
    }
    void say(const DialogueTurn& turn, const DialogueMatch& match, Output& output) {
        for (const auto& answer : turn.answers) output.bytes += fill_in(answer, match, world_.clock.now());
        over_ = output.close = turn.closes;
    }
    /// Nothing of the recording fits: before the first turn another service may know better; later the bytes
    /// are kept.
    void give_up(Output& output) {
        if (begun_) {
            record_rest();
            return;
        }
        ordinary_ = make_unrecorded_conversation(world_, flow_);
        const auto message = std::exchange(message_, {});
        ordinary_->received(as_bytes(message), output);
    }
    void record_rest() {
        auto fields = flow_fields(world_, flow_, characterise_stream(as_bytes(message_)));
        fields.number("bytes", static_cast<std::int64_t>(message_.size()));
        world_.record("tcp-payload", fields, as_bytes(std::exchange(message_, {})));
    }

    World& world_;
    Flow flow_;
    DialogueBook::Served& served_;
    std::string message_;
    std::unique_ptr<StreamDialogue> ordinary_;
    bool begun_ = false, over_ = false;
};

}  // namespace

std::unique_ptr<StreamDialogue> make_recorded_dialogue(World& world, const Flow& flow) {
    auto* served = world.dialogues.empty() ? nullptr : world.dialogues.find(flow, name_of(world, flow));
    return served != nullptr ? std::make_unique<RecordedDialogue>(world, flow, *served) : nullptr;
}

std::optional<Bytes> answer_recorded(World& world, const Flow& flow, ByteView datagram) {
    auto* served = world.dialogues.empty() ? nullptr : world.dialogues.find(flow, name_of(world, flow));
    if (served == nullptr || !world.reachable(flow)) return std::nullopt;
    const auto choice = DialogueBook::take(*served, as_text(datagram), DialogueBook::Patience::alike);
    if (!choice) return std::nullopt;
    record_turn(world, flow, as_text(datagram), *choice);
    const auto& answers = served->server.turns[choice->turn].answers;
    for (std::size_t i = 1; i < answers.size(); ++i)
        world.further_answers.push_back(to_bytes(fill_in(answers[i], choice->match, world.clock.now())));
    return answers.empty() ? Bytes() : to_bytes(fill_in(answers.front(), choice->match, world.clock.now()));
}

}  // namespace cambench::internet
