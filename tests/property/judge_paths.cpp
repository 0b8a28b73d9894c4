// Judges certificate paths as a node does, for paths_test.py, which judges the same bytes with another implementation.
//
// Standard input: {"cases": [{"roots", "intermediates", "crls": [PEM], "chains": [[base64 of DER]],
//                             "queries": [[chain's index, time in ms]]}]}
// Standard output, a line for each query: the fresh verdict and the remembered one, as a code's name ("valid" when it
// holds), and verify_path's for each purpose: signing, crl_signing, tls_client, tls_server.

#include <boost/json.hpp>
#include <iostream>
#include <iterator>

#include "node/channel/membership.h"

namespace {

namespace json = boost::json;
using namespace tally;

std::vector<std::string> texts(const json::value& list) {
    std::vector<std::string> out;
    for (const auto& each : list.as_array()) out.emplace_back(each.as_string());
    return out;
}

node::ChannelConfig channel_of(const json::object& in) {
    node::ChannelConfig config;
    config.channel = "test";
    config.rules = 1;
    config.fault_model = "byzantine";
    config.organizations = {{"A", texts(in.at("roots")), texts(in.at("intermediates")), texts(in.at("crls"))}};
    config.endorsement = config.receipt = config.configuration = "MAJORITY";
    return config;
}

template <class Verdict>
std::string text_of(const Verdict& verdict) {
    return verdict ? "valid" : std::string(verdict.error().code.name());
}

using Chain = std::vector<crypto::Certificate>;

std::string judge(const crypto::TrustStore& trust, const Chain& chain, std::int64_t time_ms, crypto::Purpose purpose) {
    return text_of(crypto::verify_path(chain.front(), std::span(chain).subspan(1), trust, time_ms, purpose));
}

void run(const json::object& in) {
    const auto config = channel_of(in);
    std::vector<std::vector<Bytes>> chains;
    std::vector<Chain> parsed;
    for (const auto& chain : in.at("chains").as_array()) {
        std::vector<Bytes> der;
        for (const auto& text : texts(chain)) der.push_back(from_base64(text).value());
        parsed.emplace_back();
        for (const auto& each : der) parsed.back().push_back(crypto::Certificate::from_der(each).value());
        chains.push_back(std::move(der));
    }
    crypto::TrustStore trust;
    for (const auto& pem : texts(in.at("roots"))) trust.roots.push_back(crypto::Certificate::from_pem(pem).value());
    for (const auto& pem : texts(in.at("intermediates")))
        trust.intermediates.push_back(crypto::Certificate::from_pem(pem).value());
    for (const auto& pem : texts(in.at("crls"))) trust.crls.push_back(crypto::RevocationList::from_pem(pem).value());
    const auto remembering = node::Membership::from(config).value();
    for (const auto& query : in.at("queries").as_array()) {
        const auto index = query.as_array().at(0).to_number<std::size_t>();
        const auto& chain = chains.at(index);
        const auto time_ms = query.as_array().at(1).to_number<std::int64_t>();
        const auto fresh = node::Membership::from(config).value()->identify(chain, time_ms);
        std::cout << text_of(fresh) << ' ' << text_of(remembering->identify(chain, time_ms));
        for (const auto purpose : {crypto::Purpose::signing, crypto::Purpose::crl_signing, crypto::Purpose::tls_client,
                                   crypto::Purpose::tls_server})
            std::cout << ' ' << judge(trust, parsed.at(index), time_ms, purpose);
        std::cout << '\n';
    }
}

}  // namespace

int main() {
    const std::string text(std::istreambuf_iterator<char>(std::cin), {});
    const auto in = json::parse(text);
    for (const auto& each : in.at("cases").as_array()) run(each.as_object());
}
