#include "bench/sandbox/capture.hpp"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "bench/sandbox/sockets.hpp"

namespace cambench::sandbox {
namespace {

constexpr int poll_milliseconds = 50;
constexpr int recorder_niceness = -10;
constexpr std::size_t mac_addresses_bytes = 12;

/// The kernel takes a VLAN tag off the frame; here it goes back between the addresses and the type.
std::array<std::byte, 4> vlan_tag(const tpacket3_hdr& header) {
    const std::uint16_t protocol =
        header.tp_status & TP_STATUS_VLAN_TPID_VALID ? header.hv1.tp_vlan_tpid : ETH_P_8021Q;
    const auto tag = header.hv1.tp_vlan_tci;
    return {static_cast<std::byte>(protocol >> 8), static_cast<std::byte>(protocol & 0xff),
            static_cast<std::byte>(tag >> 8 & 0xff), static_cast<std::byte>(tag & 0xff)};
}

WallTime wall_now() { return std::chrono::time_point_cast<Nanoseconds>(std::chrono::system_clock::now()); }

}  // namespace

Result<std::unique_ptr<Capture>> Capture::start(FileHandle socket, std::size_t ring_bytes,
                                                const std::filesystem::path& file,
                                                const std::string& interface, const RunClock& clock,
                                                std::shared_ptr<OwnFrames> own) {
    std::unique_ptr<Capture> capture(new Capture(clock));
    capture->socket_ = std::move(socket);
    capture->block_count_ = std::max<std::size_t>(ring_bytes / capture_block_bytes, 2);
    capture->ring_bytes_ = capture->block_count_ * capture_block_bytes;
    capture->file_ = file;
    capture->interface_ = interface;
    capture->own_ = std::move(own);
    void* memory =
        ::mmap(nullptr, capture->ring_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, capture->socket_.get(), 0);
    if (memory == MAP_FAILED) return system_error("map the capture ring", errno);
    capture->ring_ = static_cast<std::byte*>(memory);
    TRY_ASSIGN(auto writer, PcapngWriter::create(file, interface));
    capture->writer_ = std::make_unique<PcapngWriter>(std::move(writer));
    capture->thread_ =
        std::jthread([raw = capture.get()](const std::stop_token& stop) { raw->record(stop); });
    return capture;
}

Capture::~Capture() {
    (void)stop();
    if (ring_ != nullptr) ::munmap(ring_, ring_bytes_);
}

void Capture::add_secret(std::string_view line) {
    const std::scoped_lock lock(secrets_mutex_);
    new_secrets_.append(line).append("\n");
    all_secrets_.append(line).append("\n");
}

void Capture::record(const std::stop_token& stop) {
    // The ring holds some tens of milliseconds of a busy wire: on a loaded host the recorder goes first,
    // where it may.
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), recorder_niceness);
    while (!stop.stop_requested()) {
        pollfd entry{socket_.get(), POLLIN | POLLERR, 0};
        ::poll(&entry, 1, poll_milliseconds);
        stamps_.read(wall_now(), Monotonic::now());
        drain();
        write_pending();
    }
}

bool Capture::drain() {
    bool any = false;
    for (std::size_t i = 0; i < block_count_; ++i) {
        auto* block = ring_ + next_block_ * capture_block_bytes;
        auto& descriptor = reinterpret_cast<tpacket_block_desc*>(block)->hdr.bh1;
        auto* status = &descriptor.block_status;
        if ((__atomic_load_n(status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) == 0) return any;
        append_block(block);
        write_pending();
        __atomic_store_n(status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
        next_block_ = (next_block_ + 1) % block_count_;
        any = true;
    }
    return any;
}

void Capture::append_block(std::byte* block) {
    const auto& descriptor = reinterpret_cast<const tpacket_block_desc*>(block)->hdr.bh1;
    auto* at = block + descriptor.offset_to_first_pkt;
    const auto now = Monotonic::now();
    for (std::uint32_t i = 0; i < descriptor.num_pkts; ++i) {
        const auto& header = *reinterpret_cast<const tpacket3_hdr*>(at);
        const auto& link = *reinterpret_cast<const sockaddr_ll*>(at + TPACKET_ALIGN(sizeof(tpacket3_hdr)));
        const ByteView frame(at + header.tp_mac, header.tp_snaplen);
        const auto time = stamps_.steady(
            WallTime{Nanoseconds(std::int64_t{header.tp_sec} * 1'000'000'000 + header.tp_nsec)});
        const auto direction =
            link.sll_pkttype == PACKET_OUTGOING ? Direction::to_camera : Direction::from_camera;
        const bool own = direction == Direction::from_camera && own_ != nullptr && own_->take(frame);
        if (direction == Direction::from_camera && !own) senders_.hear(frame, now);
        if (own) {
            // The bench's heartbeat has come as far as this.
        } else if ((header.tp_status & TP_STATUS_VLAN_VALID) != 0 && frame.size() >= mac_addresses_bytes) {
            Bytes tagged(frame.begin(), frame.begin() + mac_addresses_bytes);
            const auto tag = vlan_tag(header);
            tagged.insert(tagged.end(), tag.begin(), tag.end());
            writer_->append(time, direction, header.tp_len + tag.size(), tagged,
                            frame.subspan(mac_addresses_bytes));
        } else {
            writer_->append(time, direction, header.tp_len, frame, {});
        }
        if (header.tp_next_offset == 0) break;
        at += header.tp_next_offset;
    }
}

void Capture::write_pending() {
    {
        const std::scoped_lock lock(secrets_mutex_);
        if (!new_secrets_.empty()) writer_->append_secrets(std::exchange(new_secrets_, {}));
    }
    if (auto status = writer_->flush(); !status && status_.ok()) status_ = std::move(status);
    frames_ = writer_->frames();
}

Capture::Totals Capture::stop() {
    if (totals_) return *totals_;
    Totals totals;
    if (thread_.joinable()) {
        thread_.request_stop();
        thread_.join();
        // A block that is not full is handed over after its retire time: wait for it once more.
        for (int round = 0; round < 3; ++round) {
            pollfd entry{socket_.get(), POLLIN, 0};
            ::poll(&entry, 1, poll_milliseconds);
            stamps_.read(wall_now(), Monotonic::now());
            drain();
        }
        tpacket_stats_v3 statistics{};
        socklen_t length = sizeof statistics;
        ::getsockopt(socket_.get(), SOL_PACKET, PACKET_STATISTICS, &statistics, &length);
        totals.dropped = statistics.tp_drops;
        totals.clock_stepped = stamps_.stepped();
        writer_->append_statistics(stamps_.steady(wall_now()),
                                   statistics.tp_packets - (own_ != nullptr ? own_->count() : 0),
                                   totals.dropped);
        write_pending();
        if (status_.ok() && !all_secrets_.empty()) status_ = put_secrets_first(file_, all_secrets_);
    }
    totals.frames = writer_ ? writer_->frames() : 0;
    totals.bytes = writer_ ? writer_->bytes() : 0;
    totals.status = status_;
    totals_ = totals;
    return totals;
}

}  // namespace cambench::sandbox
