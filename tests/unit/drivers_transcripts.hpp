#pragma once

#include <fmt/format.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "drivers/power/dialogue.hpp"
#include "drivers/power/relay_board.hpp"
#include "tests/catch.hpp"

/// Devices made of transcripts: they expect exactly these bytes, in this order, and nothing else.
namespace transcripts {

using namespace cambench;

inline Bytes from_hex(const std::string& text) {
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += text[i] == ' ' ? 1 : 2)
        if (text[i] != ' ')
            bytes.push_back(static_cast<std::byte>(std::stoi(text.substr(i, 2), nullptr, 16)));
    return bytes;
}

/// What is said, and what is answered. Stream: "> a0 01" is written to the device, "< 00" comes from it,
/// "open" is a new connection, "silence" is an answer that does not come. USB: see ScriptedUsb.
class Script {
public:
    Script(std::initializer_list<std::pair<std::string, std::string>> lines)
        : lines_(lines.begin(), lines.end()) {}

    /// The answer to `said`; an error when something else was expected.
    Result<std::string> say(const std::string& said) {
        if (lines_.empty()) return fail("nothing more was expected, not '" + said + "'");
        auto [expected, answer] = lines_.front();
        if (expected != said) return fail("expected '" + expected + "', not '" + said + "'");
        lines_.pop_front();
        if (answer.starts_with("!")) return bench_error(answer.substr(1));
        return answer;
    }
    [[nodiscard]] std::string rest() const {
        return !wrong_.empty() ? wrong_ : lines_.empty() ? "" : "not said: " + lines_.front().first;
    }

private:
    Error fail(const std::string& what) {
        wrong_ = what;
        return bench_error("transcript: " + what);
    }
    std::deque<std::pair<std::string, std::string>> lines_;
    std::string wrong_;
};

/// Each written message is one line, its answer what can be read afterwards.
class ScriptedStream final : public ByteStream {
public:
    explicit ScriptedStream(Script& script) : script_(script) {}
    Result<std::size_t> read(std::span<std::byte> into, Deadline) override {
        if (answers_.empty()) return timeout_error("nothing came");
        const auto count = std::min(into.size(), answers_.size());
        std::copy_n(answers_.begin(), count, into.begin());
        answers_.erase(answers_.begin(), answers_.begin() + static_cast<std::ptrdiff_t>(count));
        return count;
    }
    Status write(ByteView bytes, Deadline) override {
        TRY_ASSIGN(const auto answer, script_.say(hex(bytes)));
        const auto more = from_hex(answer);
        answers_.insert(answers_.end(), more.begin(), more.end());
        return {};
    }

private:
    Script& script_;
    Bytes answers_;
};

inline StreamOpener stream_of(Script& script) {
    return [&script]() -> Result<std::unique_ptr<ByteStream>> {
        return std::unique_ptr<ByteStream>(std::make_unique<ScriptedStream>(script));
    };
}

/// "out 20 09 0300 0000 : ff 01", "in a0 01 0300 0000 8", "exchange 0 64 : 11 11".
class ScriptedUsb final : public UsbDevice {
public:
    explicit ScriptedUsb(Script& script) : script_(script) {}
    Result<Bytes> control_in(const UsbSetup& setup, std::size_t length) override {
        TRY_ASSIGN(const auto answer, script_.say(fmt::format("in {} {}", head(setup), length)));
        return from_hex(answer);
    }
    Status control_out(const UsbSetup& setup, ByteView bytes) override {
        TRY(script_.say(fmt::format("out {}{}{}", head(setup), bytes.empty() ? "" : " : ", hex(bytes))));
        return {};
    }
    Result<Bytes> exchange(unsigned interface, ByteView bytes, std::size_t answer_size) override {
        TRY_ASSIGN(const auto answer,
                   script_.say(fmt::format("exchange {} {} : {}", interface, answer_size, hex(bytes, 8))));
        return from_hex(answer);
    }

private:
    static std::string head(const UsbSetup& setup) {
        return fmt::format("{:02x} {:02x} {:04x} {:04x}", setup.request_type, setup.request, setup.value,
                           setup.index);
    }
    Script& script_;
};

inline UsbOpener usb_of(Script& script) {
    return [&script]() -> Result<std::unique_ptr<UsbDevice>> {
        return std::unique_ptr<UsbDevice>(std::make_unique<ScriptedUsb>(script));
    };
}

/// A runtime directory of the test's own for locks.
class Locks {
public:
    Locks() {
        std::string pattern = (std::filesystem::temp_directory_path() / "cambench-locks-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        directory_ = pattern;
        ::setenv("CAMBENCH_RUNTIME_DIR", pattern.c_str(), 1);
    }
    ~Locks() {
        ::unsetenv("CAMBENCH_RUNTIME_DIR");
        std::filesystem::remove_all(directory_);
    }
    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

    static BoardLock take(const std::string& key = "board") {
        auto lock = BoardLock::take(key, Deadline::after(std::chrono::seconds(5)));
        REQUIRE(lock.ok());
        return std::move(*lock);
    }

private:
    std::filesystem::path directory_;
};

}  // namespace transcripts
