#pragma once
// Keys and a signed OCMF record that python3-cryptography made: P-256, SHA-256. The signatures are all over
// kMeterPayload.

#include <array>
#include <string_view>

namespace tally::vectors {

inline constexpr std::string_view kMeterPayload =
    "{\"FV\":\"1.4\",\"GI\":\"Sim|Gateway\",\"GS\":\"GW-1\",\"GV\":\"1\",\"PG\":\"T7\",\"MV\":\"Maker\",\"MM\":"
    "\"M1\",\"MS\":\"SN-42\",\"MF\":\"1.0\",\"IS\":true,\"IL\":\"VERIFIED\",\"IF\":[\"RFID_PLAIN\"],\"IT\":"
    "\"ISO14443\",\"ID\":\"1F2D3A4F5506C7\",\"TT\":\"a \\\"tariff\\\" with } and |\",\"CF\":\"2.1\",\"LC"
    "\":{\"LN\":\"cable\",\"LI\":1,\"LR\":3.0,\"LU\":\"mOhm\"},\"CT\":\"EVSEID\",\"CI\":\"DE*XYZ*1\",\"RD\":"
    "[{\"TM\":\"2026-03-01T23:59:58,250+0100 S\",\"TX\":\"B\",\"RV\":\"1200.50\",\"RI\":\"1-b:1.8.0\""
    ",\"RU\":\"kWh\",\"RT\":\"DC\",\"CL\":0,\"EF\":\"\",\"ST\":\"G\"},{\"TM\":\"2026-03-02T00:40:00,000+01"
    "00 R\",\"TX\":\"E\",\"RV\":1212.7500}]}";
inline constexpr std::string_view kMeterPayloadSha256 =
    "abc460554d4b0e3e0efa2eaddf5aefaef45aa1ef31d3e247a52b2818b184609b";
inline constexpr std::string_view kMeterSpki =
    "3059301306072a8648ce3d020106082a8648ce3d03010703420004cd39434a0116681b999f2482921364773005a743da"
    "0c36a8d0d2c2d4bc7596f93511354cde58183405c56368e7ef76f1fe8390c73b4d434b79ed60196c233e0e";
inline constexpr std::string_view kMeterPoint =
    "04cd39434a0116681b999f2482921364773005a743da0c36a8d0d2c2d4bc7596f93511354cde58183405c56368e7ef76"
    "f1fe8390c73b4d434b79ed60196c233e0e";
inline constexpr std::string_view kMeterCompressed =
    "02cd39434a0116681b999f2482921364773005a743da0c36a8d0d2c2d4bc7596f9";
inline constexpr std::string_view kMeterSpkiBase64 =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEzTlDSgEWaBuZnySCkhNkdzAFp0PaDDao0NLC1Lx1lvk1ETVM3lgYNAXFY2jn"
    "73bx/oOQxztNQ0t57WAZbCM+Dg==";
// DER, s above half the order.
inline constexpr std::string_view kHighS =
    "3046022100fec6c4741a4c638937732bf95041d392e8d2f3fcbbd65c6e1a20d28539b6f75b022100a07a739380c8a845"
    "d0125486b602f96b098211cb4825ea4d257bf0763e0ef099";
// DER in base64, s below half the order.
inline constexpr std::string_view kLowSBase64 =
    "MEUCIQD+xsR0GkxjiTdzK/lQQdOS6NLz/LvWXG4aINKFObb3WwIgX4WMa383V7sv7at5Sf0GlLNk6OJe8bQ3zj3aTL5UNLg=";
// r || s.
inline constexpr std::string_view kRawSignature =
    "fec6c4741a4c638937732bf95041d392e8d2f3fcbbd65c6e1a20d28539b6f75ba07a739380c8a845d0125486b602f96b"
    "098211cb4825ea4d257bf0763e0ef099";
// DER with needless leading zeros, s below half the order.
inline constexpr std::string_view kNonMinimal =
    "304a0223000000fec6c4741a4c638937732bf95041d392e8d2f3fcbbd65c6e1a20d28539b6f75b02230000005f858c6b"
    "7f3757bb2fedab7949fd0694b364e8e25ef1b437ce3dda4cbe5434b8";
// DER whose numbers lack the zero that keeps them positive, with a length in two bytes.
inline constexpr std::string_view kUnsignedIntegers =
    "3081440220fec6c4741a4c638937732bf95041d392e8d2f3fcbbd65c6e1a20d28539b6f75b0220a07a739380c8a845d0"
    "125486b602f96b098211cb4825ea4d257bf0763e0ef099";

struct ForeignKey {
    std::string_view name;
    std::string_view spki;
};
inline constexpr std::array kForeignKeys = {
    ForeignKey{"secp192r1",
               "3049301306072a8648ce3d020106082a8648ce3d03010103320004bedac67fb3e84eb498a1703b7f3fb0a0aaab39ca55"
               "4c2ce9c19ec031fb537035b750105fc0bbe37e839d65ded6595639"},
    ForeignKey{"secp224r1",
               "304e301006072a8648ce3d020106052b81040021033a0004e0704216cb9247dfd86e98321459db14caaae7783aee9c23"
               "27bce0a036ae3cea6ef9fca92bad755b42e6d75d64f4d5d8f50c96ca55dc7e28"},
    ForeignKey{"secp256k1",
               "3056301006072a8648ce3d020106052b8104000a034200049377c312145a5afb911bf9e8c067bcf6094c533603687850"
               "df502b61290bbf5e742ba607d6ae1fc82dcccb176e7c8f9bdc7bb61e3ab527cecaf6144b679779fb"},
    ForeignKey{"secp384r1",
               "3076301006072a8648ce3d020106052b8104002203620004bfd152465458e5b9f1a903eafef03095ebfd52c5f9ea97be"
               "74de9194355fcfb40ec097315adf6afdefba21f44b625b4817058eff9a1ad175a4675e9c730cb028ec76aec544f7a56d"
               "58164d8cfc0402b489c4e74c918dc3a77f5c219d31b8e245"},
    ForeignKey{"secp521r1",
               "30819b301006072a8648ce3d020106052b810400230381860004005f2348ed9c333aaa631cb0f191e12a9dcdec540bae"
               "343957b1cd4bbda1d125f671eb43980f2f61417bf847c87d05103a105a525532cc0d246342e94a621b6ab4fa01df5774"
               "68a8c8658e0d99e11d3e11b30b02af1c0359e4e5db3686073b5ef1ee8ca621d27eff088cde8e61fd1eb5c7e3e33636f4"
               "eea60f10525ee105ab7f85f2b6ba"},
    ForeignKey{"brainpoolP256r1",
               "305a301406072a8648ce3d020106092b24030302080101070342000490ead69cf4261f9af4742231b86f9501d3168cc8"
               "b3a74ddfc0a3c869efea46672994047fc60588a5e8931e22d90fbd60f869283920a1e77361e209a6aeefe726"},
    ForeignKey{"brainpoolP384r1",
               "307a301406072a8648ce3d020106092b240303020801010b0362000453684d50854f78187f19be5de56c0495767ba8e5"
               "f2b270d172f4d040d307868d0c13084bd87e0d40a306a2cb0e69539d3f036c260d2a579aed1ca94bc953f8363fe56d26"
               "e36a6dc3b179f9cd5eb0b2f828bd07ce6543758d300d7e83ae7329d1"},
    ForeignKey{"brainpoolP512r1",
               "30819b301406072a8648ce3d020106092b240303020801010d038182000409c7650dcdcd322ba854d0944f63b1ba01df"
               "ead7bec35aedad1d1db34ad2c00a46186eceb41eb5043f63a2a42df1b03f6a056e636612498f821b80b92c0b7bea3170"
               "6136e2d8d662edebfdb7e9334af10ff3c4f480571d86cad9283a2eda27acd7f2ba911e75e4141855ede6ddfea67afcaa"
               "aa64c29f0b4fb6fd13fa80a857ee"},
    ForeignKey{"Ed25519", "302a300506032b6570032100ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c"},
    ForeignKey{"RSA",
               "30819f300d06092a864886f70d010101050003818d0030818902818100c7daa3e023e99259e3f3d5e812544d13d79a1c"
               "1bef1374fd4824e29b706c257f2293345729e2db908df5395df84383f935c2cdd1ace18692a142471d6735b6a9778f09"
               "89f95da6787b347fdb34590afabc7ca3f14eb901b3b77717d7c8b5f14d046498f989c97e809d520948f652cdcfc34caf"
               "a76ed4d3c3ef2f12d2b4a427dd0203010001"},
};

}  // namespace tally::vectors
