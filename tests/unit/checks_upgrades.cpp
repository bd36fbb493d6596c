#include "harness/analysis/run/upgrades.hpp"
#include "harness/checks/judgement.hpp"
#include "tests/catch.hpp"
#include "tests/unit/judged.hpp"

using namespace cambench;
using namespace std::chrono_literals;

namespace {

/// What timeline and console of a run say about firmware that was offered.
class UpgradeRun {
public:
    UpgradeRun() { boot("1.4.2", "A"); }

    UpgradeRun& offer(const std::string& kind, const std::string& version, Json more = Json::object()) {
        Json fields{{"number", ++number_}, {"offer", kind},    {"genuine", kind == "newer"},
                    {"objection", ""},     {"way", "request"}, {"certificates", "given"},
                    {"version", version},  {"bytes", 1000},    {"payload", "ab"}};
        fields.update(more);
        return event("scenario", "offer", std::move(fields));
    }
    UpgradeRun& asked(const std::string& inside = "tls") {
        return event("network", "http-request",
                     {{"offer", number_}, {"update", "list"}, {"host", "u.v.example"}, {"inside", inside}});
    }
    UpgradeRun& brought(int status, bool delivered = false) {
        return event("scenario", "operator-request",
                     {{"bytes", 1000}, {"status", status}, {"delivered", delivered}});
    }
    UpgradeRun& fetched(std::uint64_t bytes = 1000, const std::string& host = "u.v.example") {
        event("network", "http-request",
              {{"offer", number_}, {"update", "package"}, {"host", host}, {"inside", "tls"}});
        return event("network", "update-delivery",
                     {{"offer", number_}, {"bytes", bytes}, {"of", 1000}, {"whole", bytes == 1000}});
    }
    /// A download of 100 kB that begins as the format does, from a server the bench offers nothing at.
    UpgradeRun& downloads(const std::string& target, const std::string& format, bool encrypted = false) {
        auto& request = seen_.update_requests.emplace_back();
        request.server = "files.w.example";
        request.destination = {IpAddress::parse("198.18.0.9").value(), 80};
        request.method = "GET", request.target = target, request.image = format,
        request.encrypted = encrypted;
        request.status = 200, request.answer_bytes = 100'000, request.is_file = true;
        return *this;
    }
    UpgradeRun& line(const std::string& text) {
        auto& line = seen_.console.lines.emplace_back();
        line.number = seen_.console.lines.size();
        line.time = now_ += 1s;
        line.text = text;
        return *this;
    }
    UpgradeRun& boot(const std::string& version, const std::string& slot) {
        return line("Firmware: " + version + " (slot " + slot + ")");
    }
    UpgradeRun& cut(const std::string& by = "line") {
        return event("scenario", "update-cut", {{"number", number_}, {"by", by}});
    }
    UpgradeRun& file(const std::string& kind, Json fields) {
        fields["offer"] = number_;
        return event("network", kind, std::move(fields));
    }
    UpgradeRun& refuses(const std::string& server) {
        auto& handshake = seen_.tls.emplace_back();
        handshake.name = server, handshake.time = now_ += 1s, handshake.outcome = "refused";
        return *this;
    }
    UpgradeRun& ended(const std::string& outcome) {
        return event("scenario", "offer-end", {{"number", number_}, {"outcome", outcome}});
    }
    UpgradeRun& whole_update(const std::string& version) {
        return asked().fetched().line("flashing slot B: 50%").line("U-Boot 2023.01").boot(version, "B");
    }

    [[nodiscard]] CheckResult judged(const std::string& check, const Declaration* declaration = nullptr) {
        auto seen = seen_;
        seen.camera.frames_sent = 1;
        seen.run.present = true;
        seen.captures.emplace_back().file = "capture.pcapng";
        auto& destination = seen.destinations.emplace_back();
        destination.addresses = {IpAddress::parse("198.18.0.1").value()};
        auto reader = reader_;
        seen.upgrade_offers = reader.finish();
        return cambench::judged(check, seen, declaration);
    }

private:
    UpgradeRun& event(const std::string& lane, const std::string& kind, Json fields) {
        reader_.take({now_ += 1s, lane, kind, std::move(fields)});
        return *this;
    }

    analysis::UpgradeReader reader_;
    analysis::Observations seen_;
    Nanoseconds now_{};
    int number_ = 0;
};

}  // namespace

TEST_CASE("a genuine update that all four witnesses saw is taken", "[checks]") {
    CHECK(UpgradeRun().offer("newer", "1.5.0").whole_update("1.5.0").judged("updates-verified").verdict ==
          Verdict::pass);
}

TEST_CASE("a witness that is missing is named, and nothing is concluded", "[checks]") {
    const auto not_fetched = UpgradeRun()
                                 .offer("newer", "1.5.0")
                                 .asked()
                                 .line("U-Boot 2023.01")
                                 .boot("1.5.0", "B")
                                 .judged("updates-verified");
    CHECK(not_fetched.verdict == Verdict::inconclusive);
    CHECK(not_fetched.findings.front().title.find("no witness for fetched") != std::string::npos);
    const auto not_booted = UpgradeRun()
                                .offer("newer", "1.5.0")
                                .asked()
                                .fetched()
                                .line("flashing slot B: 50%")
                                .judged("updates-verified");
    CHECK(not_booted.findings.front().title.find("no witness for booted") != std::string::npos);
    const auto from_nowhere =
        UpgradeRun().offer("unsigned", "1.5.0").asked().boot("1.5.0", "B").judged("updates-verified");
    CHECK(from_nowhere.verdict == Verdict::inconclusive);
}

TEST_CASE("a package that must be refused and is started fails", "[checks]") {
    const auto result =
        UpgradeRun().offer("unsigned", "1.5.0").whole_update("1.5.0").judged("updates-verified");
    CHECK(result.verdict == Verdict::fail);
    REQUIRE_FALSE(result.findings.empty());
    CHECK(result.findings.front().title == "takes the offer 'unsigned' (1.5.0) and starts it");
    CHECK(result.findings.front().detail.find("booted: 1.5.0 (slot B)") != std::string::npos);
}

TEST_CASE("a package that is written before it is refused fails", "[checks]") {
    Declaration declaration;
    declaration.updates.installing = "flashing slot";
    const auto run = [] {
        return UpgradeRun()
            .offer("unsigned", "1.5.0")
            .asked()
            .fetched()
            .line("flashing slot B: 50%")
            .line("update: signature check failed");
    };
    const auto result = run().judged("updates-verified", &declaration);
    CHECK(result.verdict == Verdict::fail);
    CHECK(result.findings.front().title.find("before it judges it") != std::string::npos);
    CHECK(run().judged("updates-verified").verdict == Verdict::inconclusive);
}

TEST_CASE("a refusal in words that sound of writing is a refusal", "[checks]") {
    const auto run = UpgradeRun()
                         .offer("unsigned", "1.5.0")
                         .asked()
                         .fetched()
                         .line("upgrade of kernel firmware rejected")
                         .offer("newer", "1.5.0")
                         .whole_update("1.5.0")
                         .judged("updates-verified");
    CHECK(run.verdict == Verdict::pass);
}

TEST_CASE("refusals count only beside a genuine update that is taken", "[checks]") {
    CHECK(UpgradeRun().offer("unsigned", "1.5.0").asked().fetched().judged("updates-verified").verdict ==
          Verdict::inconclusive);
    CHECK(UpgradeRun()
              .offer("unsigned", "1.5.0")
              .asked()
              .fetched()
              .offer("newer", "1.5.0")
              .whole_update("1.5.0")
              .judged("updates-verified")
              .verdict == Verdict::pass);
    CHECK(UpgradeRun()
              .offer("unsigned", "1.5.0")
              .offer("newer", "1.5.0")
              .whole_update("1.5.0")
              .judged("updates-verified")
              .verdict == Verdict::inconclusive);
    CHECK(UpgradeRun().judged("updates-verified").verdict == Verdict::inconclusive);
}

TEST_CASE("a recovery path that asks for nothing needs no genuine update beside it", "[checks]") {
    CHECK(UpgradeRun()
              .offer("unsigned", "1.5.0", {{"way", "restart"}})
              .boot("1.4.2", "A")
              .judged("updates-verified")
              .verdict == Verdict::pass);
    CHECK(UpgradeRun()
              .offer("unsigned", "1.5.0", {{"way", "restart"}})
              .fetched()
              .boot("1.5.0", "A")
              .judged("updates-verified")
              .verdict == Verdict::fail);
}

TEST_CASE("firmware on a card is left there or fails, and a card nobody put in shows nothing", "[checks]") {
    const auto run = [](bool put) {
        return UpgradeRun().offer("unsigned", "1.5.0", {{"way", "card"}}).brought(0, put);
    };
    CHECK(run(true).boot("1.4.2", "A").judged("updates-verified").verdict == Verdict::pass);
    CHECK(run(true).boot("1.5.0", "A").judged("updates-verified").verdict == Verdict::fail);
    CHECK(run(false).boot("1.4.2", "A").judged("updates-verified").verdict == Verdict::inconclusive);
}

TEST_CASE("a package that arrived counts as fetched, be it that the unit starts anew instead of answering",
          "[checks]") {
    const auto run = [](bool delivered) {
        return UpgradeRun()
            .offer("newer", "1.5.0", {{"way", "onvif"}})
            .brought(0, delivered)
            .line("flashing slot B: 50%")
            .line("U-Boot 2023.01")
            .boot("1.5.0", "B");
    };
    CHECK(run(true).judged("updates-verified").verdict == Verdict::pass);
    CHECK(run(false).judged("updates-verified").verdict == Verdict::inconclusive);
}

TEST_CASE("an update nobody agreed to is left alone or fails", "[checks]") {
    const Json nobody{{"genuine", false}, {"objection", "nobody consented to it"}, {"way", "none"}};
    Declaration declaration;
    const auto written = [&] {
        return UpgradeRun()
            .offer("newer", "1.5.0", nobody)
            .asked()
            .fetched()
            .line("flashing slot B: 50%")
            .judged("updates-consented", &declaration);
    };
    CHECK(written().verdict == Verdict::inconclusive);
    declaration.updates.installing = "flashing slot";
    CHECK(written().verdict == Verdict::fail);
    CHECK(UpgradeRun()
              .offer("newer", "1.5.0", nobody)
              .asked()
              .judged("updates-consented", &declaration)
              .verdict == Verdict::pass);
    CHECK(UpgradeRun()
              .offer("newer", "1.5.0", nobody)
              .whole_update("1.5.0")
              .judged("updates-consented", &declaration)
              .verdict == Verdict::fail);
    CHECK(UpgradeRun().offer("newer", "1.5.0", nobody).judged("updates-consented", &declaration).verdict ==
          Verdict::inconclusive);
    auto to_ports = nobody;  // whose certificates the servers show says nothing where the package is brought
    to_ports.update({{"way", "ports"}, {"certificates", "bench"}});
    CHECK(UpgradeRun().offer("newer", "1.5.0", to_ports).judged("updates-consented", &declaration).verdict ==
          Verdict::pass);
    CHECK(UpgradeRun()
              .offer("newer", "1.5.0", to_ports)
              .brought(0, true)
              .judged("updates-consented", &declaration)
              .verdict == Verdict::pass);
    CHECK(UpgradeRun()
              .offer("newer", "1.5.0", to_ports)
              .brought(0, true)
              .line("U-Boot 2023.01")
              .boot("1.5.0", "B")
              .judged("updates-consented", &declaration)
              .verdict == Verdict::fail);
}

TEST_CASE("updates asked for in clear, of anybody, or fetched elsewhere fail", "[checks]") {
    CHECK(UpgradeRun().offer("newer", "1.5.0").whole_update("1.5.0").judged("updates-transport").verdict ==
          Verdict::pass);
    CHECK(UpgradeRun().offer("newer", "1.5.0").asked("").judged("updates-transport").verdict ==
          Verdict::fail);
    CHECK(UpgradeRun()
              .offer("newer", "1.5.0", {{"certificates", "bench"}})
              .asked()
              .judged("updates-transport")
              .verdict == Verdict::fail);
    CHECK(UpgradeRun()
              .offer("redirected", "1.5.0")
              .asked()
              .fetched(1000, "elsewhere.example")
              .judged("updates-transport")
              .verdict == Verdict::fail);
    CHECK(UpgradeRun().offer("newer", "1.5.0").judged("updates-transport").verdict == Verdict::inconclusive);
}

TEST_CASE("firmware in clear from a server nobody offered it at fails, archives and words of firmware do not",
          "[checks]") {
    const auto run = [] { return UpgradeRun().offer("newer", "1.5.0").whole_update("1.5.0"); };
    const auto caught = run().downloads("/f/a.bin", "uimage").judged("updates-transport");
    CHECK(caught.verdict == Verdict::fail);
    REQUIRE_FALSE(caught.findings.empty());
    CHECK(caught.findings.front().title == "fetches firmware in clear from files.w.example");
    REQUIRE_FALSE(caught.findings.front().evidence.empty());
    CHECK(caught.findings.front().evidence.front().file == "capture.pcapng");
    CHECK(run().downloads("/f/a.bin", "uimage", true).judged("updates-transport").verdict == Verdict::pass);
    CHECK(run().downloads("/maps/city.zip", "zip").judged("updates-transport").verdict == Verdict::pass);
    CHECK(run().downloads("/firmware/check", "").judged("updates-transport").verdict == Verdict::pass);
}

TEST_CASE("after a power cut amid an update the old firmware has to start", "[checks]") {
    const auto run = [] {
        return UpgradeRun().offer("newer", "1.5.0").asked().fetched().line("flashing slot B: 25%").cut();
    };
    CHECK(run().line("U-Boot 2023.01").boot("1.4.2", "A").judged("survives-power-cut").verdict ==
          Verdict::pass);
    Declaration declaration;
    declaration.updates.installing = "flashing slot";
    CHECK(
        run().line("U-Boot 2023.01").boot("1.5.0", "B").judged("survives-power-cut", &declaration).verdict ==
        Verdict::fail);
    CHECK(run().line("U-Boot 2023.01").boot("1.5.0", "B").judged("survives-power-cut").verdict ==
          Verdict::inconclusive);
    CHECK(run().line("U-Boot 2023.01").line("no firmware").judged("survives-power-cut").verdict ==
          Verdict::fail);
    CHECK(run().judged("survives-power-cut").verdict == Verdict::inconclusive);
    auto any_time = UpgradeRun()
                        .offer("newer", "1.5.0")
                        .asked()
                        .fetched()
                        .line("flashing slot B: 100%")
                        .cut("time")
                        .line("U-Boot 2023.01")
                        .boot("1.5.0", "B");
    CHECK(any_time.judged("survives-power-cut", &declaration).verdict == Verdict::inconclusive);
    const auto too_late = [] {
        return UpgradeRun()
            .offer("newer", "1.5.0")
            .asked()
            .fetched()
            .line("flashing slot B: 25%")
            .line("U-Boot 2023.01")
            .cut();
    };
    CHECK(too_late().boot("1.5.0", "B").judged("survives-power-cut").verdict == Verdict::inconclusive);
    CHECK(too_late().line("U-Boot 2023.01").line("no firmware").judged("survives-power-cut").verdict ==
          Verdict::fail);
    CHECK(too_late().boot("0.9.0", "B").judged("survives-power-cut").verdict == Verdict::fail);
    CHECK(UpgradeRun().offer("newer", "1.5.0").whole_update("1.5.0").judged("survives-power-cut").verdict ==
          Verdict::inconclusive);
}

TEST_CASE("firmware is told from what makers print", "[checks]") {
    using analysis::firmware_named;
    CHECK(firmware_named("[hv] Firmware: 1.4.2 (slot A)", "") ==
          std::pair<std::string, std::string>("1.4.2", "A"));
    CHECK(firmware_named("Software Version:  V5.5.82", "")->first == "5.5.82");
    CHECK(firmware_named("app version 2.800.0000000.16.R", "")->first == "2.800.0000000.16.R");
    CHECK_FALSE(firmware_named("Linux version 6.1.0", "").has_value());
    CHECK(firmware_named("BUILD<77>", "BUILD<([0-9]+)>")->first == "77");
}

TEST_CASE("a camera that starts anew with all of a bad package and names no version has not refused it",
          "[checks]") {
    const auto restarted = [](UpgradeRun run) { return run.line("U-Boot 2023.01").ended("restarted"); };
    const auto judged = [&](UpgradeRun run) {
        return run.offer("newer", "1.5.0").whole_update("1.5.0").judged("updates-verified");
    };
    const auto unnamed = judged(restarted(UpgradeRun().offer("flipped-body", "1.5.0").asked().fetched()));
    CHECK(unnamed.verdict == Verdict::inconclusive);
    CHECK(unnamed.findings.front().title.find("may take the offer 'flipped-body' (1.5.0)") == 0);
    CHECK(judged(UpgradeRun().offer("flipped-body", "1.5.0").asked().fetched().ended("refused")).verdict ==
          Verdict::pass);
    CHECK(judged(restarted(UpgradeRun().offer("flipped-body", "1.5.0").asked().fetched().boot("1.4.2", "A")))
              .verdict == Verdict::pass);
    const auto again =
        restarted(
            UpgradeRun().boot("1.5.0", "A").offer("truncated", "1.5.0").asked().fetched().boot("1.5.0", "A"))
            .judged("updates-verified");
    CHECK(again.findings.front().title.find("which ran before as well") != std::string::npos);
}

TEST_CASE("a bad package whose writing was seen is not refused because its way was not", "[checks]") {
    Declaration declaration;
    declaration.updates.installing = "flashing slot";
    const auto result = UpgradeRun()
                            .offer("truncated", "1.5.0")
                            .asked()
                            .line("flashing slot B: 50%")
                            .offer("newer", "1.5.0")
                            .whole_update("1.5.0")
                            .judged("updates-verified", &declaration);
    CHECK(result.verdict == Verdict::inconclusive);
    CHECK(result.findings.front().title.find("no witness for fetched") != std::string::npos);
}

TEST_CASE("a declared server may have the package that another one told of", "[checks]") {
    Declaration declaration;
    declaration.destinations.push_back({.name = "*.v.example"});
    const auto judged = [&](const std::string& host) {
        return UpgradeRun()
            .offer("newer", "1.5.0")
            .asked()
            .fetched(1000, host)
            .judged("updates-transport", &declaration)
            .verdict;
    };
    CHECK(judged("cdn.v.example") == Verdict::pass);
    CHECK(judged("cdn.w.example") == Verdict::fail);
    CHECK(UpgradeRun()
              .offer("newer", "1.5.0")
              .asked()
              .fetched(1000, "cdn.v.example")
              .judged("updates-transport")
              .verdict == Verdict::inconclusive);
}

TEST_CASE("firmware fetched as a file in clear counts, and is in clear", "[checks]") {
    const auto by = [](const std::string& kind, Json fields) {
        return UpgradeRun()
            .offer("newer", "1.5.0")
            .file(kind, std::move(fields))
            .line("flashing slot B: 50%")
            .boot("1.5.0", "B");
    };
    const Json of_tftp{{"name", "u.v.example"}, {"destination", "198.18.0.1:69"}, {"whole", true}},
        of_ftp{{"name", nullptr}, {"destination", "198.18.0.1:50000"}, {"whole", true}};
    CHECK(by("tftp", of_tftp).judged("updates-verified").verdict == Verdict::pass);
    CHECK(by("tftp", of_tftp).judged("updates-transport").verdict == Verdict::fail);
    CHECK(by("ftp-transfer", of_ftp).judged("updates-transport").verdict == Verdict::fail);
}

TEST_CASE(
    "whoever breaks off its TLS may be a camera that looks for updates, where nobody declared the server",
    "[checks]") {
    Declaration declaration;
    auto run = UpgradeRun().offer("newer", "1.5.0", {{"certificates", "bench"}}).refuses("u.v.example");
    CHECK(run.judged("updates-transport", &declaration)
              .findings.front()
              .title.find("breaks off when u.v.example") == 0);
    CHECK(run.judged("updates-transport", &declaration).verdict == Verdict::inconclusive);
    declaration.updates.server = "u.v.example";
    CHECK(run.judged("updates-transport", &declaration).verdict == Verdict::pass);
}
