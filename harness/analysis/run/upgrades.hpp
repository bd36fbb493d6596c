#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/analysis/observations/observations.hpp"

namespace cambench::analysis {

/// Whether somebody brings the firmware of an offer to the camera in this way; otherwise it has to fetch it
/// from a server.
[[nodiscard]] bool is_brought(std::string_view way);

/// How to read a camera's console about its firmware; "" : the words most makers use.
struct UpgradeWords {
    std::string refused, installing, running;
};

/// A start of the unit and the firmware it named.
struct FirmwareStart {
    Nanoseconds time{};
    std::string version, slot;  ///< "" where it named none
    const ConsoleLine* line = nullptr;
};

/// What the console says of a package being written: nothing, in words most makers use (a hint, which accuses
/// nobody), or in the declaration's own.
enum class Writing { silent, hinted, said };

/// An offer of firmware and the four witnesses of what came of it: the server that offered, the network that
/// carried, the console (and the restart) that installed, the version that booted.
struct UpgradeStory {
    UpgradeOffer offer;
    std::string before, after;  ///< the version that ran before, and the last one that started before the
                                ///< next offer; "" : not known
    std::vector<const ConsoleLine*> installing, refused;
    bool in_declared_words = false;        ///< `installing` was found by the declaration's expression
    std::vector<FirmwareStart> starts;     ///< until the next offer
    std::vector<FirmwareStart> after_cut;  ///< those of them that came after the power cut
    Nanoseconds end{};                     ///< of what belongs to it

    [[nodiscard]] bool offered() const { return offer.lists > 0 || offer.fetches > 0 || offer.uploaded; }
    [[nodiscard]] bool fetched() const { return offer.whole || offer.uploaded; }
    [[nodiscard]] bool installed() const { return !installing.empty() || !starts.empty(); }
    [[nodiscard]] Writing writing() const {
        return installing.empty() ? Writing::silent : in_declared_words ? Writing::said : Writing::hinted;
    }
    /// When it began to write, as far as its console says so.
    [[nodiscard]] std::optional<Nanoseconds> written_at() const {
        return installing.empty() ? std::nullopt : installing.front()->time;
    }
    /// A refusal was said that names a checksum or a size and no signature: no proof that somebody looks at
    /// one.
    [[nodiscard]] bool refused_by_checksum() const;
    /// The offered version started, which did not run before.
    [[nodiscard]] bool booted() const;
};

/// The versions a line names: {version, slot}; nullopt when it names none.
[[nodiscard]] std::optional<std::pair<std::string, std::string>> firmware_named(
    const std::string& line, const std::string& expression);

[[nodiscard]] std::vector<UpgradeStory> upgrade_stories(const Observations& observations,
                                                        const UpgradeWords& words);

/// Every start of the unit that named its firmware.
[[nodiscard]] std::vector<FirmwareStart> firmware_starts(const Observations& observations,
                                                         const std::string& expression);

/// Collects the offers while a timeline is read.
class UpgradeReader {
public:
    void take(const Event& event);
    [[nodiscard]] std::vector<UpgradeOffer> finish() { return std::move(offers_); }

private:
    [[nodiscard]] UpgradeOffer* find(const Event& event);
    static void take_file(const Event& event, UpgradeOffer& offer);
    std::vector<UpgradeOffer> offers_;
};

}  // namespace cambench::analysis
