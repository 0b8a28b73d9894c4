#pragma once
// A query whose answer enough organizations have signed: asked, checked here, and kept in a file.

#include <boost/json/object.hpp>

#include "node/cli/member_client.h"

namespace tally::node::cli {

struct AttestOptions {
    std::filesystem::path file;    // to be written; empty: the answer is not to be attested
    std::filesystem::path config;  // the channel's configuration; empty: the one that the profile names
};

void add_attest_options(CLI::App& command, AttestOptions& options);
// The answer. Nothing is written that does not hold, or that answers another question (bad_proof).
[[nodiscard]] Result<boost::json::value> attested_query(MemberClient& member, std::string_view contract,
                                                        std::string_view function, const boost::json::object& arguments,
                                                        const AttestOptions& options);

}  // namespace tally::node::cli
