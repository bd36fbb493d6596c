#include "drivers/console/rfc2217.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "drivers/console/rfc2217_protocol.hpp"
#include "drivers/console/stream.hpp"

namespace cambench {
namespace {

constexpr auto agreement_time = std::chrono::seconds(5);
constexpr std::size_t read_size = 4096;
/// A server may round to what its hardware can do.
constexpr std::uint64_t tolerated_rate_percent = 3;

class Rfc2217Console final : public Console {
public:
    Rfc2217Console(std::unique_ptr<Console> connection, unsigned baud)
        : connection_(std::move(connection)), protocol_(baud), baud_(baud) {}

    /// Returns when the server has confirmed the rate. What the camera says meanwhile is kept.
    Status agree(const std::string& what) {
        const auto deadline = Deadline::after(agreement_time);
        Bytes buffer(read_size);
        while (!protocol_.baud()) {
            TRY_ASSIGN(const auto reading, step(buffer, deadline));
            if (reading.kind == Reading::Kind::data)
                early_.insert(early_.end(), buffer.begin(),
                              buffer.begin() + static_cast<std::ptrdiff_t>(reading.count));
            if (reading.kind == Reading::Kind::closed)
                return bench_error(what + ": the server closed the connection; the port may be in use");
            if (protocol_.accepted() == false)
                return bench_error(
                    what + ": the server does not speak RFC 2217; use driver=\"tcp\" if it gives raw bytes");
            if (deadline.passed())
                return timeout_error(
                    what + ": no answer to RFC 2217; use driver=\"tcp\" if the server gives raw bytes");
        }
        const std::uint64_t actual = *protocol_.baud(),
                            difference = actual > baud_ ? actual - baud_ : baud_ - actual;
        if (difference * 100 > baud_ * tolerated_rate_percent)
            return bench_error(fmt::format("{}: wanted {} baud, the server does {}", what, baud_, actual));
        return {};
    }

    Result<Reading> read(std::span<std::byte> into, Deadline deadline) override {
        if (!announced_) {
            announced_ = true;
            return Reading{Reading::Kind::opened, 0};
        }
        if (!early_.empty()) {
            const auto count = std::min(early_.size(), into.size());
            std::copy_n(early_.begin(), count, into.begin());
            early_.erase(early_.begin(), early_.begin() + static_cast<std::ptrdiff_t>(count));
            return Reading{Reading::Kind::data, count};
        }
        return step(into, deadline);
    }

    Status write(ByteView bytes) override { return connection_->write(Rfc2217Protocol::escape(bytes)); }

    Line line() const override { return {baud_, Line::Chosen::by_settings}; }

private:
    /// One read of the connection, its telnet taken out and answered.
    Result<Reading> step(std::span<std::byte> into, Deadline deadline) {
        TRY_ASSIGN(auto reading, connection_->read(into, deadline));
        if (reading.kind == Reading::Kind::opened) TRY(connection_->write(protocol_.begin()));
        if (reading.kind != Reading::Kind::data) return reading;
        reading.count = protocol_.receive(into.first(reading.count));
        // The connection may just have gone; the next read tells.
        if (const auto answers = protocol_.take_answers(); !answers.empty())
            (void)connection_->write(answers);
        return reading.count > 0 ? reading : Reading{};
    }

    std::unique_ptr<Console> connection_;
    Rfc2217Protocol protocol_;
    unsigned baud_;
    Bytes early_;
    bool announced_ = false;
};

}  // namespace

Result<std::unique_ptr<Console>> open_rfc2217_console(std::unique_ptr<Console> connection, unsigned baud,
                                                      const std::string& what) {
    auto console = std::make_unique<Rfc2217Console>(std::move(connection), baud);
    TRY(console->agree(what));
    return std::unique_ptr<Console>(std::move(console));
}

Result<std::unique_ptr<Console>> open_rfc2217_console(const std::string& host, std::uint16_t port,
                                                      unsigned baud) {
    TRY_ASSIGN(auto connection, open_tcp_console(host, port));
    return open_rfc2217_console(std::move(connection), baud, fmt::format("open console {}:{}", host, port));
}

}  // namespace cambench
