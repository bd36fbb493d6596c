#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "harness/learned/dialogue_file.hpp"

namespace cambench::internet {

struct Flow;

/// Servers whose words were recorded, and how far the camera has come with each.
class DialogueBook {
public:
    struct Served {
        DialogueServer server;
        std::vector<unsigned> taken;  ///< how often each turn was given
    };
    /// Exact: the message is one of the recording, but for its open parts. Alike: the nearest one counts,
    /// because nothing more comes.
    enum class Patience { exact, alike };
    struct Choice {
        std::size_t turn = 0;  ///< from 0
        DialogueMatch match;
        bool exact = true;
    };

    void add(DialogueServer server);
    [[nodiscard]] bool empty() const { return served_.empty(); }
    /// The server at the end of a flow, known there as `name` ("" for none); nullptr when there is none.
    [[nodiscard]] Served* find(const Flow& flow, std::string_view name);

    /// The turn that `input` begins: of several the first not yet given, else the last. Counts it as given.
    [[nodiscard]] static std::optional<Choice> take(Served& served, std::string_view input,
                                                    Patience patience);
    /// What the server says before any message; nullptr when it waits.
    [[nodiscard]] static const DialogueTurn* opening(const Served& served);

private:
    std::vector<Served> served_;
};

}  // namespace cambench::internet
