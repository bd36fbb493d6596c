#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/event.hpp"
#include "harness/core/result.hpp"
#include "reports/timeline.hpp"

namespace cambench::reports {

/// The outcome of a check or a run, as the evidence states it.
enum class Verdict { pass, fail, inconclusive, error };

/// "PASS", "FAIL", "INCONCLUSIVE", "ERROR"
[[nodiscard]] std::string_view to_string(Verdict verdict);

/// Where in the evidence a statement can be verified.
struct Pointer {
    std::optional<std::uint64_t> frame;  ///< from 1, as Wireshark counts
    std::optional<std::uint64_t> line;   ///< of console.log, from 1
    std::optional<double> time;          ///< seconds on the run's clock
    std::string file;                    ///< relative to the evidence directory
};

struct Finding {
    std::string title;
    std::string detail;
    Verdict verdict = Verdict::error;
    std::vector<Pointer> evidence;
};

struct Check {
    std::string check;  ///< its id
    Verdict verdict = Verdict::error;
    std::string title;
    std::string why;
    std::string seen;
    std::string remedy;
    std::vector<std::string> requirements;
    std::vector<Finding> findings;
    std::vector<Pointer> evidence;
};

/// Somebody the camera talked to, or tried to.
/// What a destination was sent.
struct Delivery {
    std::string what, file;
    std::uint64_t bytes = 0, times = 1;
};

/// How the camera took a certificate of the bench.
struct CertificateAnswer {
    bool taken = false;
    std::string outcome, alert, version;
    std::uint64_t times = 1;
};

struct Destination {
    std::string name;  ///< "" when no name is known
    std::string address;
    std::string resolution;  ///< dns, sni, host, literal or lan
    std::uint64_t port = 0;
    std::string transport;
    std::string protocol;
    std::uint64_t bytes_out = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t attempts = 0;
    std::uint64_t failed = 0;              ///< of the attempts
    std::string place;                     ///< "KR, AS64500, Example Telecom"; "": no database told
    std::vector<std::string> claims;       ///< other names it goes by: "camera.example (sni)"
    std::optional<double> first_seen;      ///< seconds since 1970
    std::string first_step;                ///< what the scenario had last done before; "": nothing is known
    std::optional<double> first_step_age;  ///< so many seconds earlier
    std::optional<double> last_seen;       ///< seconds since 1970
    std::optional<std::uint64_t> first_frame;
    std::optional<bool> declared;  ///< nullopt: nothing was declared that could be compared
    std::string purpose;
    std::vector<CertificateAnswer> certificates;
    std::vector<Delivery> deliveries;
    std::uint64_t unlisted = 0;  ///< deliveries beyond those
};

/// What the camera made of one certificate; the words are those of reports/json/verdict.schema.json.
struct TlsCertificate {
    std::string certificate, result, outcome, alert, version;
    std::uint64_t attempts = 0;
};

struct TlsServer {
    std::string server;  ///< "cloud.vendor.example:443"
    std::string address;
    std::string stance;
    bool gave_way = false;
    std::optional<double> silent_for;  ///< seconds
    std::vector<TlsCertificate> certificates;
    std::vector<std::string> fallbacks;  ///< "http to cloud.vendor.example, 198.18.0.1:80/tcp"
};

/// How its TLS stood the test.
struct TlsTrials {
    bool authority_given = false;
    std::vector<TlsServer> servers;
};

struct Declaration {
    std::string file;
    std::string vendor;
    std::string model;
};

/// A server the unit asks for firmware.
struct UpdateContact {
    std::string server, request, image;  ///< image: what came; "" : nothing that is firmware
    std::vector<std::string> grounds;    ///< why it is thought to ask
    bool encrypted = false, certain = false, offered = false;
    std::uint64_t times = 1, image_bytes = 0;
    std::optional<double> time;  ///< seconds of the run
    std::optional<std::uint64_t> frame;
};

/// Firmware offered to the unit; times in seconds of the run, nullopt where a witness saw nothing.
struct Upgrade {
    std::string offer, version, objection, before, after;
    bool genuine = false, taken = false;
    bool installed_is_hint = false;  ///< `installed` was read from words that nobody declared
    std::optional<double> offered, fetched, installed, booted, cut;
    std::uint64_t bytes = 0, of = 0;
};

/// The unit as the recordings show it.
struct Camera {
    std::string mac;
    std::vector<std::string> addresses;
    std::string hostname;
    std::string vendor_class;
    std::map<std::string, std::string> identity;  ///< "soc", "firmware", "serial", "model", ...
};

struct Capture {
    std::string file;
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
    std::optional<std::uint64_t> dropped;  ///< nullopt: nobody counted
};

/// A file of the evidence and its SHA-256 as manifest.sha256 states it ("" when it does not).
struct EvidenceFile {
    std::string path;  ///< relative to the evidence directory
    std::string sha256;
    enum class State {
        stated,   ///< not read here: the hash is what the manifest says
        matches,  ///< read here and equal to the manifest's hash
        altered,  ///< read here and not equal to the manifest's hash
        missing,  ///< named in the manifest and not there
        unlisted  ///< the hash computed here; the manifest does not name the file
    } state = State::stated;
};

/// One scenario's evidence.
struct ScenarioRun {
    std::filesystem::path directory;
    bool finished = false;  ///< false: there is no verdict.json that could be read
    bool foreign = false;   ///< a recording from elsewhere: there was no run around it, so it has no timeline
                            ///< and no manifest
    std::string tool, tool_version;
    std::string id, title, why;
    std::vector<std::string> requirements;
    std::string level;  ///< in a suite: "must" or "should"
    std::string run;    ///< the id of the run it was part of; "": not recorded
    std::string slot, unit, persona;
    std::optional<Declaration> declaration;
    std::string started;                                ///< RFC 3339
    std::optional<double> duration, powered, observed;  ///< seconds
    Verdict verdict = Verdict::inconclusive;
    std::string reason;
    Camera camera;
    std::vector<Check> checks;
    std::vector<Destination> destinations;
    std::optional<TlsTrials> tls;   ///< nullopt: its TLS was not put to the test
    std::vector<Upgrade> upgrades;  ///< firmware that was offered, in order
    std::vector<UpdateContact> update_contacts;
    std::vector<std::string> limits;  ///< what could not have been seen
    std::optional<Capture> capture;
    Timeline timeline;
    std::map<std::uint64_t, std::string>
        console_lines;  ///< the cited lines of console.log and their neighbours
    std::vector<EvidenceFile> files;
    std::string manifest_sha256;        ///< hash of manifest.sha256 itself; "" when there is none
    std::vector<std::string> warnings;  ///< why the evidence itself cannot be fully relied on
    bool altered =
        false;  ///< files were changed, added or taken away after the run: nothing follows from what is left
    bool disputed =
        false;  ///< the recorded verdict is not what the recordings give, or could not be judged anew
};

/// A run that is over: one scenario, or a suite of several.
struct FinishedRun {
    std::filesystem::path directory;
    enum class Kind { scenario, suite } kind = Kind::scenario;
    std::string title;  ///< the suite's title or id; the scenario's title
    Verdict verdict = Verdict::inconclusive;
    std::string reason;
    std::vector<ScenarioRun> scenarios;  ///< exactly one when kind is scenario
    std::vector<std::string> warnings;
    std::string id = {};    ///< of the run; "": not recorded
    bool altered = false;   ///< of any part
    bool disputed = false;  ///< of any part
};

/// How much of the evidence is held against its manifest.
enum class Hashing {
    all,           ///< every file
    what_is_read,  ///< what the report is made of: enough for a run that has just been sealed
};

/// What is known of a recording from elsewhere: `statement` is the verdict on it, as verdict.json has it;
/// `name` is told to the reader.
[[nodiscard]] FinishedRun foreign_run(const Json& statement, const std::string& name);

/// Judges a scenario's recordings anew, as verdict.json has it.
using Judge = std::function<Result<Json>(const std::filesystem::path& directory)>;

/// Reads an evidence directory. With a `judge` what it says is shown, and not what was written into
/// verdict.json: where the two differ, or where it cannot judge, the run is `disputed` and an ERROR. What was
/// altered after the run makes it an ERROR. Only a directory that is no evidence at all is an error (usage):
/// torn timelines, a missing verdict (the run was killed) and altered files become part of the run, so that a
/// report says so.
[[nodiscard]] Result<FinishedRun> load_finished_run(const std::filesystem::path& directory,
                                                    Hashing hashing = Hashing::all, const Judge& judge = {});

}  // namespace cambench::reports
