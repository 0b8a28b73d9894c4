#include "node/consortium/backup.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "crypto/hash.h"
#include "node/channel/identity.h"
#include "node/config/node_config.h"
#include "node/ledgers/channel_ledger.h"
#include "storage/files.h"
#include "storage/seal.h"

namespace tally::node {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBackupFormat = "tally-backup-1";
constexpr std::string_view kManifest = "MANIFEST";
constexpr std::string_view kNext = ".next";      // of a key that waits until the channel names it
constexpr std::size_t kMaxManifest = 64U << 20;  // half a million files

struct ListedFile {
    std::string digest;
    std::uint64_t size = 0;
};
using Listing = std::map<std::string, ListedFile>;  // by the path in the backup

struct ChannelPlace {
    fs::path genesis;
    fs::path data;
};

std::vector<ChannelPlace> channels_of(const NodeConfig& config) {
    std::vector<ChannelPlace> channels{{config.genesis, config.data}};
    for (const auto& each : config.channels) channels.push_back({each.genesis, each.data});
    return channels;
}

// The files outside the data folders: by their path in the backup, where the node has them.
std::map<std::string, fs::path> single_files(const NodeConfig& config) {
    std::map<std::string, fs::path> files;
    const auto identity = [&](const std::string& name, const std::optional<IdentityFiles>& of) {
        if (!of) return;
        files.emplace("identity/" + name + ".pem", of->certificate);
        files.emplace("identity/" + name + "-key.pem", of->key);
    };
    identity("peer", config.peer);
    identity("orderer", config.orderer);
    if (config.orderer) {
        files.emplace("identity/orderer.pem.next", next_file(config.orderer->certificate));
        files.emplace("identity/orderer-key.pem.next", next_file(config.orderer->key));
    }
    identity("client", config.client);
    if (config.serves()) identity("tls", config.gateway.tls);
    if (config.transport_key) {
        files.emplace("identity/transport.key", *config.transport_key);
        files.emplace("identity/transport.key.next", next_file(*config.transport_key));
    }
    const auto channels = channels_of(config);
    for (std::size_t i = 0; i < channels.size(); ++i)
        files.emplace(fmt::format("channels/{}/genesis.block", i), channels[i].genesis);
    return files;
}

bool is_empty_or_missing(const fs::path& folder) {
    std::error_code error;
    return !fs::exists(folder, error) || fs::is_empty(folder, error);
}

// Copies a file and makes it durable; what it holds.
Result<ListedFile> copy_durably(const fs::path& from, const fs::path& to) {
    TRY(storage::make_directory(to.parent_path()));
    const auto source = TRY(storage::MappedFile::open(from));
    auto copy = TRY(storage::NewFile::create(to));
    TRY(copy.append(source.bytes()));
    TRY(copy.finish());
    return ListedFile{crypto::sha256(source.bytes()).hex(), source.bytes().size()};
}

// Every file below `folder`, relative to it.
Result<std::vector<fs::path>> files_below(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (auto at = fs::recursive_directory_iterator(folder, error); !error && at != fs::recursive_directory_iterator();
         at.increment(error)) {
        if (at->is_regular_file() && at->path().filename() != "LOCK") files.push_back(fs::relative(at->path(), folder));
    }
    if (error) return fail(Code::io_error, "{}: {}", folder.string(), error.message());
    return files;
}

std::string manifest_text(const Listing& listing) {
    std::string lines;
    for (const auto& [path, file] : listing) lines += fmt::format("{} {} {}\n", file.digest, file.size, path);
    return fmt::format("{} {}\n{}", kBackupFormat, crypto::sha256(as_bytes(lines)).hex(), lines);
}

// A path as make_backup writes them: below the backup, in a place that restore_backup knows.
bool is_backup_path(const std::string& path) {
    const fs::path parts(path);
    const auto is_upward = [](const fs::path& part) { return part == ".." || part == "." || part.empty(); };
    if (parts.is_absolute() || std::ranges::any_of(parts, is_upward)) return false;
    return path == "node.toml" || path.starts_with("identity/") || path.starts_with("channels/");
}

Result<Listing> read_manifest(const fs::path& backup) {
    const auto path = backup / kManifest;
    const auto text = storage::read_file(path, kMaxManifest);
    if (!text && text.error().code == Code::not_found) {
        return fail(Code::not_found, "{} is no backup, or one that was not finished: it has no {}", backup.string(),
                    kManifest);
    }
    TRY(Status(text ? Status() : std::unexpected(text.error())));
    Listing listing;
    std::string_view rest = *text;
    rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find('\n'));
        const auto digest_end = line.find(' ');
        const auto size_end = digest_end == line.npos ? line.npos : line.find(' ', digest_end + 1);
        if (size_end == line.npos) return fail(Code::corrupt, "{} is damaged", path.string());
        ListedFile file{std::string(line.substr(0, digest_end)), 0};
        std::from_chars(line.data() + digest_end + 1, line.data() + size_end, file.size);
        listing.emplace(line.substr(size_end + 1), std::move(file));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    if (*text != manifest_text(listing)) return fail(Code::corrupt, "{} is damaged", path.string());
    for (const auto& [name, file] : listing) {
        if (!is_backup_path(name)) return fail(Code::corrupt, "{} names {}", path.string(), name);
    }
    return listing;
}

Status check_files(const fs::path& backup, const Listing& listing) {
    for (const auto& [name, listed] : listing) {
        const auto path = backup / name;
        const auto file = storage::MappedFile::open(path);
        if (!file && file.error().code == Code::not_found)
            return fail(Code::corrupt, "{} is missing from the backup", path.string());
        if (!file) return std::unexpected(file.error());
        if (file->bytes().size() != listed.size || crypto::sha256(file->bytes()).hex() != listed.digest)
            return fail(Code::corrupt, "{} is not as it was when the backup was made: it is damaged", path.string());
    }
    return {};
}

class Backup {
  public:
    explicit Backup(fs::path out) : out_(std::move(out)) {}

    Result<BackupSummary> make(const NodeConfig& config) {
        summary_.node = config.name;
        const auto channels = channels_of(config);
        for (const auto& channel : channels) TRY(check_closed(config, channel));
        if (!is_empty_or_missing(out_))
            return fail(Code::already_exists, "{} is there and not empty: name a new folder", out_.string());
        TRY(storage::make_directory(out_));
        TRY(storage::keep_private(out_));
        TRY(add(config.file, "node.toml"));
        for (const auto& [name, path] : single_files(config)) {
            if (!name.ends_with(kNext) || fs::exists(path)) TRY(add(path, name));
        }
        for (std::size_t i = 0; i < channels.size(); ++i) TRY(add_channel(channels[i], fmt::format("channels/{}", i)));
        TRY(storage::write_file(out_ / kManifest, as_bytes(manifest_text(listing_))));  // last: the backup is whole
        return summary_;
    }

  private:
    static Status check_closed(const NodeConfig& config, const ChannelPlace& channel) {
        const auto lock = storage::DirectoryLock::take(channel.data);
        if (!lock && lock.error().code == Code::locked)
            return fail(Code::locked, "{} runs: stop it first, or make a snapshot of it (`tally snapshot create`)",
                        config.name);
        if (!lock) return std::unexpected(lock.error());
        if (fs::exists(disagreement_file(channel.data)))
            return fail(Code::conflict, "{}: most committers signed another checkpoint than this node",
                        disagreement_file(channel.data).string());
        if (fs::exists(channel.data / "SEAL")) return {};
        return fail(Code::conflict,
                    "{} was not closed in order, so its last blocks may be in its log only: start {} and stop it, then "
                    "make the backup",
                    channel.data.string(), config.name);
    }

    Status add(const fs::path& from, const std::string& name) {
        auto copied = TRY(copy_durably(from, out_ / name));
        summary_.files += 1;
        summary_.bytes += copied.size;
        listing_.emplace(name, std::move(copied));
        return {};
    }

    // Its lock is held and its seal checked while it is read.
    Status add_channel(const ChannelPlace& channel, const std::string& name) {
        BackupSummary::Channel entry{TRY(read_genesis(channel.genesis)).header.channel, std::nullopt};
        std::optional<ChannelLedger> ledger;
        std::optional<storage::DirectoryLock> lock;
        const bool has_ledger = fs::exists(ledger_path(channel.data));
        if (has_ledger) {
            ledger = TRY(inspect_channel_ledger(channel.data));
            if (const auto tip = ledger->ledger->tip()) entry.block = tip->number;
        } else {
            lock = TRY(storage::DirectoryLock::take(channel.data));
            TRY(storage::check_seal(channel.data));
        }
        std::vector<std::string> parts{has_ledger ? "ledger" : "blocks"};
        if (fs::exists(channel.data / "collections")) parts.emplace_back("collections");
        for (const auto& part : parts) {
            for (const auto& file : TRY(files_below(channel.data / part)))
                TRY(add(channel.data / part / file, fmt::format("{}/{}/{}", name, part, file.string())));
        }
        summary_.channels.push_back(std::move(entry));
        return {};
    }

    fs::path out_;
    Listing listing_;
    BackupSummary summary_;
};

class Restoration {
  public:
    Restoration(fs::path backup, fs::path node) : backup_(std::move(backup)), node_(std::move(node)) {}

    Result<BackupSummary> run() {
        const auto listing = TRY(read_manifest(backup_));
        TRY(check_files(backup_, listing));
        TRY(check_free(node_));
        const bool is_new = !fs::exists(node_);
        auto restored = put(listing);
        if (!restored) remove_what_was_put(is_new);
        return restored;
    }

  private:
    static Status check_free(const fs::path& folder) {
        if (is_empty_or_missing(folder)) return {};
        for (const auto& data : {folder, folder / "data"}) {
            if (!fs::exists(data / "LOCK")) continue;
            const auto lock = storage::DirectoryLock::take(data);
            if (!lock && lock.error().code == Code::locked)
                return fail(Code::locked, "{} is in use by a running node", folder.string());
        }
        return fail(Code::already_exists, "{} is not empty: name a new folder, or move this one away", folder.string());
    }

    Result<BackupSummary> put(const Listing& listing) {
        BackupSummary summary;
        TRY(put_file("node.toml", node_ / "node.toml"));
        const auto config = TRY(load_node_config(node_ / "node.toml"));
        summary.node = config.name;
        auto singles = single_files(config);
        std::erase_if(singles,
                      [&](const auto& each) { return each.first.ends_with(kNext) && !listing.contains(each.first); });
        for (const auto& [name, path] : singles) {
            if (!listing.contains(name)) return fail(Code::corrupt, "{} has no {}", backup_.string(), name);
            TRY(check_absent_or_same(name, path));
        }
        const auto channels = channels_of(config);
        for (const auto& channel : channels) TRY(check_free(channel.data));
        for (const auto& [name, path] : singles) TRY(put_file(name, path));
        for (const auto& [name, file] : listing) {
            summary.files += 1;
            summary.bytes += file.size;
            if (name == "node.toml" || singles.contains(name)) continue;
            TRY(put_file(name, TRY(place_of(name, channels))));
        }
        for (const auto& channel : channels) {
            if (config.roles.contains("orderer")) {
                TRY(storage::write_file(restored_marker(channel.data), as_bytes("")));
                put_.push_back(restored_marker(channel.data));
            }
            BackupSummary::Channel entry{TRY(read_genesis(channel.genesis)).header.channel, std::nullopt};
            if (fs::exists(ledger_path(channel.data))) {
                const auto tip = TRY(inspect_channel_ledger(channel.data)).ledger->tip();
                if (tip) entry.block = tip->number;
            }
            summary.channels.push_back(std::move(entry));
        }
        return summary;
    }

    // channels/N/ledger/FILE is FILE in the ledger of the N-th channel; so are its blocks and collections.
    Result<fs::path> place_of(const std::string& name, const std::vector<ChannelPlace>& channels) const {
        constexpr std::string_view kChannels = "channels/";
        std::size_t index = channels.size();
        if (name.starts_with(kChannels)) {
            const auto end = std::from_chars(name.data() + kChannels.size(), name.data() + name.size(), index).ptr;
            const auto rest = name.substr(static_cast<std::size_t>(end - name.data()));
            const bool known =
                rest.starts_with("/ledger/") || rest.starts_with("/blocks/") || rest.starts_with("/collections/");
            if (index < channels.size() && known) return channels[index].data / rest.substr(1);
        }
        return fail(Code::corrupt, "{}: no channel of its node.toml has a place for {}", backup_.string(), name);
    }

    Status check_absent_or_same(const std::string& name, const fs::path& path) const {
        if (!fs::exists(path)) return {};
        const auto there = TRY(storage::MappedFile::open(path));
        const auto wanted = TRY(storage::MappedFile::open(backup_ / name));
        if (std::ranges::equal(there.bytes(), wanted.bytes())) return {};
        return fail(Code::already_exists, "{} is there and differs from the backup's {}", path.string(), name);
    }

    Status put_file(const std::string& name, const fs::path& path) {
        if (fs::exists(path)) return {};  // the same, or it would have been refused
        TRY(copy_durably(backup_ / name, path));
        put_.push_back(path);
        return {};
    }

    void remove_what_was_put(bool is_new) {
        std::error_code ignored;
        for (const auto& path : put_) fs::remove(path, ignored);
        if (is_new) fs::remove_all(node_, ignored);
    }

    fs::path backup_;
    fs::path node_;
    std::vector<fs::path> put_;
};

}  // namespace

Result<BackupSummary> make_backup(const fs::path& node, const fs::path& out) {
    const auto config = TRY(load_node_config(fs::is_directory(node) ? node / "node.toml" : node));
    return Backup(out).make(config);
}

Result<BackupSummary> restore_backup(const fs::path& backup, const fs::path& node) {
    return Restoration(backup, node).run();
}

}  // namespace tally::node
