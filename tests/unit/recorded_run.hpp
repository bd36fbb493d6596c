#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/unit/packets.hpp"

namespace cambench::packets {

/// A run's evidence as far as the analysis reads it: frames, events of the fake internet, and contents that
/// it kept.
class RecordedRun {
public:
    explicit RecordedRun(Wire the_wire) : wire(std::move(the_wire)) {}

    Wire wire;

    /// An event of lane "network" now; `fields` are the rest of its JSON members. `content`: kept as its
    /// payload.
    RecordedRun& event(const std::string& kind, std::string fields, const std::string& content = {}) {
        if (!content.empty()) {
            auto digest = std::to_string(contents_.size() + 1);
            digest.insert(0, 64 - digest.size(), '0');
            fields += ",\"payload\":\"" + digest + "\",\"payload_bytes\":" + std::to_string(content.size());
            contents_[digest] = content;
        }
        const auto time = (wire.now - zero_).count();
        lines_ += "{\"t\":" + std::to_string(time) + ",\"lane\":\"network\",\"kind\":\"" + kind + "\"," +
                  fields + "}\n";
        return *this;
    }

    /// An event of lane "bench" now.
    RecordedRun& bench_event(const std::string& kind, const std::string& fields) {
        lines_ += "{\"t\":" + std::to_string((wire.now - zero_).count()) + ",\"lane\":\"bench\",\"kind\":\"" +
                  kind + "\"," + fields + "}\n";
        return *this;
    }

    [[nodiscard]] analysis::Observations observe() const {
        const Folder folder;
        const auto write = [&](const std::filesystem::path& file, ByteView content) {
            std::ofstream(file, std::ios::binary)
                .write(reinterpret_cast<const char*>(content.data()),
                       static_cast<std::streamsize>(content.size()));
        };
        std::filesystem::create_directory(folder.path / "payloads");
        for (const auto& [digest, content] : contents_)
            write(folder.path / "payloads" / digest, as_bytes(content));
        write(folder.path / "capture.pcap", pcap(wire.frames));
        const auto begin = "{\"t\":0,\"lane\":\"bench\",\"kind\":\"run\",\"wall_zero\":\"" +
                           format_timestamp(WallTime(zero_)) +
                           "\"}\n{\"t\":1,\"lane\":\"power\",\"kind\":\"on\"}\n";
        write(folder.path / "timeline.jsonl", as_bytes(begin + lines_));
        analysis::Inputs inputs;
        inputs.captures = {{folder.path / "capture.pcap", "capture.pcap"}};
        inputs.timeline = folder.path / "timeline.jsonl";
        inputs.payloads = folder.path / "payloads";
        auto observations = analysis::analyze(inputs);
        if (!observations) throw std::runtime_error(observations.error().message);
        return std::move(observations).value();
    }

private:
    struct Folder {
        Folder() {
            char name[] = "/tmp/cambench-run-XXXXXX";
            path = ::mkdtemp(name);
        }
        ~Folder() { std::filesystem::remove_all(path); }
        Folder(const Folder&) = delete;
        Folder& operator=(const Folder&) = delete;
        std::filesystem::path path;
    };
    static constexpr Nanoseconds zero_ = std::chrono::seconds(1'699'999'990);
    std::string lines_;
    std::map<std::string, std::string> contents_;
};

}  // namespace cambench::packets
