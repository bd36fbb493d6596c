#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/internet/process/calls.hpp"
#include "bench/internet/world/dialogue.hpp"

namespace cambench::internet {

/// All TCP connections of the world: takes them from the transparent listeners and lets a conversation handle
/// each.
class TcpService {
public:
    TcpService(boost::asio::io_context& io, World& world);
    ~TcpService();
    TcpService(const TcpService&) = delete;
    TcpService& operator=(const TcpService&) = delete;

    /// Serves what arrives at a listening socket, which stays the caller's.
    void listen(int socket);
    /// For connections the world begins itself: see Calls.
    void lend(std::vector<int> v4, std::vector<int> v6) { calls_.lend(std::move(v4), std::move(v6)); }
    /// The engine told what became of contents: answers that waited for it go out, or their connections are
    /// reset.
    void contents_settled();
    /// Ends and records what is still open. Nothing is accepted any more.
    void finish();

private:
    /// Output that is not due yet. Empty bytes: only reading waits.
    struct Late {
        Monotonic::time_point when;
        std::string bytes;
        bool close = false;
    };
    struct Connection {
        explicit Connection(boost::asio::io_context& io) : socket(io) {}
        Flow flow;
        boost::asio::ip::tcp::socket socket;
        std::unique_ptr<StreamDialogue> dialogue;
        std::string unsent;
        std::size_t sent = 0;           ///< of unsent
        std::deque<Late> late;          ///< in order of time
        std::uint64_t in = 0, out = 0;  ///< bytes
        Monotonic::time_point opened, active;
        unsigned silences = 0;  ///< how often the dialogue was told
        bool awaiting_silence = false;
        bool awaiting_bytes = false;
        std::uint64_t ended_first = 0,
                      ended_last =
                          0;   ///< contents that must be stored before anything more is said; equal: none
        bool closing = false;  ///< the dialogue is done; what is unsent still goes out
        bool shut = false;     ///< our FIN is sent
        bool camera_finished = false;
        std::list<std::uint64_t>::iterator place;
    };
    struct Due {
        Monotonic::time_point when;
        std::uint64_t id;
    };

    void await_connections(std::size_t listener);
    void accept_all(int socket);
    void open(int socket, Flow flow);
    void refuse(int socket, const Flow& flow);
    bool call(const Endpoint& from, const Endpoint& to, World::Expected make, std::function<void()> failed);
    void await_bytes(Connection& connection);
    void await_room(Connection& connection);
    void on_readable(std::uint64_t id);
    void on_writable(std::uint64_t id);
    void on_wake(std::uint64_t id);
    enum class Read { more, enough, over };
    Read read_once(Connection& connection);
    /// Has the dialogue speak, and does what it wants done.
    template <typename Speak>
    void talk(Connection& connection, Speak speak);
    void apply(Connection& connection, Output& output);
    /// Whether an answer may go out, as far as storing goes. False: it waits, or the connection is gone.
    enum class Release { now, later, never };
    Release release(Connection& connection);
    void send_soon(Connection& connection);
    void send_answers();
    /// False when the connection is gone.
    bool send_unsent(Connection& connection);
    /// The same of what the engine has been told already.
    bool send_recorded(Connection& connection);
    void end(std::uint64_t id, std::string_view by);
    void put_off(Connection& connection, Output& output, Nanoseconds delay);
    void pause_reading(Connection& connection, std::size_t bytes);
    void await_due();
    void on_due();
    void send_late(std::uint64_t id);
    [[nodiscard]] static bool may_read(const Connection& connection) {
        return connection.unsent.empty() && connection.late.empty();
    }
    /// Tells how far a package has come that goes out over this connection.
    enum class Course { under_way, left_by_camera, over };
    void tell_delivery(Connection& connection, Course course);
    void reset(Connection& connection, std::string_view by);
    void expect_silence(Connection& connection);
    void look_after();
    void look_after_silences(Monotonic::time_point now);
    [[nodiscard]] Connection* find(std::uint64_t id);

    boost::asio::io_context& io_;
    World& world_;
    Calls calls_;
    std::vector<std::unique_ptr<boost::asio::posix::stream_descriptor>> listeners_;
    std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
    std::list<std::uint64_t> by_activity_;  ///< the longest idle first
    std::deque<Due> silences_, lingering_;  ///< in order of time
    boost::asio::steady_timer timer_, due_timer_;
    std::multimap<Monotonic::time_point, std::uint64_t> due_;     ///< connections with late output
    std::multimap<std::uint64_t, std::uint64_t> awaiting_store_;  ///< number of a content -> connection
    std::vector<std::uint64_t> answered_;                         ///< in this turn of the event loop
    std::vector<std::byte> buffer_;
    std::uint64_t last_id_ = 0;
    std::size_t most_connections_;
};

}  // namespace cambench::internet
