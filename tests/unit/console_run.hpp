#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/run/console_reader.hpp"
#include "tests/unit/judged.hpp"

namespace cambench {

/// A run with a console: what the unit said and what the bench did, in order.
class ConsoleRun {
public:
    ConsoleRun() { observations_.run.present = true; }

    ConsoleRun& power_on() { return event("power", "on"); }
    ConsoleRun& says(std::string_view text) {
        stretches_.push_back({tick(), log_.size(), text.size()});
        log_ += text;
        return *this;
    }
    ConsoleRun& types(std::string_view text) {
        return event("console", "sent",
                     {{"offset", log_.size()}, {"length", text.size()}, {"text", std::string(text)}});
    }
    ConsoleRun& begins() {
        from_ = log_.size();
        return *this;
    }
    ConsoleRun& probed(const std::string& kind, Json fields = Json::object()) {
        fields.update({{"probe", kind}, {"from", from_}, {"to", log_.size()}});
        return event("scenario", "console-probe", std::move(fields));
    }
    ConsoleRun& event(std::string lane, std::string kind, Json fields = Json::object()) {
        observations_.run.events.push_back({tick(), std::move(lane), std::move(kind), std::move(fields)});
        return *this;
    }
    ConsoleRun& declares(Declaration declaration) {
        declaration_ = std::move(declaration);
        return *this;
    }

    CheckResult judged_by(const std::string& id) {
        analysis::ConsoleReader reader(stretches_);
        reader.add(as_bytes(log_));
        observations_.console = reader.finish();
        return judged(id, observations_, declaration_ ? &*declaration_ : nullptr);
    }
    Verdict verdict_of(const std::string& id) { return judged_by(id).verdict; }

private:
    Nanoseconds tick() { return Nanoseconds(++time_ * 1'000'000); }

    analysis::Observations observations_;
    std::vector<analysis::ConsoleStretch> stretches_;
    std::string log_;
    std::uint64_t from_ = 0;
    std::int64_t time_ = 0;
    std::optional<Declaration> declaration_;
};

}  // namespace cambench
