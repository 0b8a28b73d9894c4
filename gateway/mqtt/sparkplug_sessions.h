#pragma once
// The sessions of Sparkplug B edge nodes, as a host application follows them (Sparkplug 3.0): who is alive, what an
// alias stands for, and whether a message is missing.
//
//   spBv1.0/CHANNEL/NBIRTH|NDATA|NDEATH/EDGE            the node's own metrics: of the Tally device EDGE
//   spBv1.0/CHANNEL/DBIRTH|DDATA|DDEATH/EDGE/DEVICE     a device's: of the Tally device EDGE:DEVICE
//
//   NBIRTH   begins a session: its seq is the first, its bdSeq names the session, aliases of before are void
//   seq      counts 0 to 255 over all messages of the edge node but NDEATH. A message that comes early waits, at most
//            kMostEarly of them and kReorder; then the session is void and a birth is requested. One that is doubled
//            or late is dropped
//   NDEATH   with the session's bdSeq: the node and all its devices are dead. With another one it is of an earlier
//            session and dropped
//   data     before a birth, or with an unknown alias, is dropped, and a birth is requested: at most one request per
//            edge node in kRebirthEvery
//
// The values of a birth are what is known, not what was measured then, and are no samples. A metric's name with "." in
// the place of "/" is a field; metrics of no field are left out. Sessions live in memory: after a restart births are
// requested. Bounds: kMostEdges edge nodes, kMostDevices devices of each, kMostAlive in all, aliases of fields alone,
// kMostEarlyBytes that wait.
//
// One thread. No clock of its own.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/mqtt/senml.h"
#include "gateway/mqtt/sparkplug_payload.h"

namespace tally::gateway::mqtt {

class SparkplugSessions {
  public:
    static constexpr std::size_t kMostEdges = 10'000;
    static constexpr std::size_t kMostDevices = 1000;
    static constexpr std::size_t kMostAlive = 100'000;
    static constexpr std::size_t kMostEarly = 16;
    static constexpr std::size_t kMostEarlyBytes = 8U << 20;
    static constexpr std::int64_t kReorder_ms = 2000;
    static constexpr std::int64_t kRebirthEvery_ms = 10'000;

    struct Callbacks {
        // Whether a metric's name is a field of the Tally device.
        std::function<bool(const std::string& device, const std::string& field)> is_field;
        std::function<void(const std::string& device, std::vector<SenmlSample> samples, std::size_t payload_bytes)>
            on_samples;
        std::function<void(const std::string& edge)> request_birth;
        std::function<void(const std::string& device, bool alive)> on_liveness;
    };
    explicit SparkplugSessions(Callbacks callbacks) : callbacks_(std::move(callbacks)) {}

    struct Topic {
        std::string_view type;  // NBIRTH, NDATA, ...
        std::string_view edge;
        std::string_view device;  // empty: of the edge node itself
    };
    // None for what is no topic of the group.
    [[nodiscard]] static std::optional<Topic> parse_topic(std::string_view topic, std::string_view group);

    [[nodiscard]] Status take(const Topic& topic, ByteView payload, std::int64_t now_ms);
    // Gives up on what has not come in time.
    void look(std::int64_t now_ms);
    [[nodiscard]] bool is_waiting() const { return waiting_ > 0; }

    [[nodiscard]] std::size_t alive() const { return alive_; }  // edge nodes and devices
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
    [[nodiscard]] std::uint64_t gaps() const { return gaps_; }

  private:
    struct Known {  // a metric that is a field
        std::string field;
        std::uint64_t datatype = 0;
        std::string unit;
    };
    struct Source {  // the edge node itself ("") or one of its devices
        bool alive = false;
        std::map<std::string, Known, std::less<>> by_name;
    };
    struct Message {
        std::string_view type;
        std::string device;
        SparkplugPayload payload;
        std::size_t bytes = 0;
    };
    struct Early {
        std::string type;
        std::string device;
        Bytes payload;
    };
    struct Edge {
        bool alive = false;
        std::uint64_t bd_seq = 0;
        std::uint8_t next = 0;
        std::map<std::string, Source, std::less<>> sources;
        std::unordered_map<std::uint64_t, std::pair<std::string, std::string>> aliases;  // source and metric's name
        std::map<std::uint8_t, Early> early;                                             // by seq
        std::int64_t early_since_ms = 0;
        std::int64_t birth_requested_ms = INT64_MIN / 2;
    };

    [[nodiscard]] Status birth(const std::string& name, Edge& edge, SparkplugPayload payload, std::int64_t now_ms);
    [[nodiscard]] Status death(const std::string& name, Edge& edge, const SparkplugPayload& payload);
    void in_order(const std::string& name, Edge& edge, const Message& message, std::int64_t now_ms);
    void learn(const std::string& name, Edge& edge, const std::string& source, const SparkplugPayload& payload);
    void data(const std::string& name, Edge& edge, const Message& message, std::int64_t now_ms);
    void end(const std::string& name, Edge& edge);
    void drop_early(Edge& edge);
    void erase_early(Edge& edge, std::uint8_t seq);
    void take_early(const std::string& name, Edge& edge, std::int64_t now_ms);
    void gap(const std::string& name, Edge& edge, std::int64_t now_ms);
    void set_alive(const std::string& device, bool& alive, bool now);
    void request(const std::string& name, Edge& edge, std::int64_t now_ms);

    Callbacks callbacks_;
    std::unordered_map<std::string, Edge> edges_;
    std::size_t waiting_ = 0;      // edge nodes with early messages
    std::size_t early_bytes_ = 0;  // of all edge nodes
    std::size_t alive_ = 0;
    std::uint64_t dropped_ = 0;
    std::uint64_t gaps_ = 0;
};

}  // namespace tally::gateway::mqtt
