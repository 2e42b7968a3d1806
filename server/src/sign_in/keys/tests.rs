#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use serde_json::json;

use super::super::jws::{self, JwsError};
use super::*;

/// Moduli of RSA keys that were made for this test, and tokens that they have signed with RS256.
const N_1024: &str = "wUQ87lNH01_5jsmM4KZHNa8HJvj5zv4U646DiHE-wlzzCUrnglFIRK3Q5Mb3iwuFNVCZL_gm428yuV3xtLwjk4heXkgCp1uuwlg0\
     WaR1JidXG_IedS79A-XoiXQVQxmhuhIJJ5M9NT0cx7tzH7FSeh0Oi5c4OWWIjnsUn4C-5l8";
const TOKEN_1024: &str = "eyJhbGciOiAiUlMyNTYiLCAia2lkIjogImsxMDI0In0.eyJzdWIiOiAiYWxpY2UifQ.O37ePQaWLuDLDx_O60vyciu69tfLEhWkc\
     N8cAw2D6Xy_9Oum8AtVOPRrZnprKlNvZ_saGncqaB3XsQ2k5ulGLvvEIHqNTQeTjKVuZTU_xiAKFv5zHLphae5e1uaB9Tc3fxZsW\
     zNExaUSR9DZY6o7MTO8pKlUPuZEZjQ_tO8nnZg";
const N_2047: &str = "Vdp9rlsq3GjRXbbsp8AgwCt9x7frBAQeS19fGIhwdc1j3gQt8ufRyKV4rYM90FDx46dDW_vuy1E--N9-Lo_UBc6RWN__FI8ar1gb\
     Ujx65-Hx3vOmqJxXe_ZscNpI_2i-VZgutNXjayVyBAc6QixgCTF7XuD683sAZC1fH3zkHr3PtLWdLDzAUe2QCvcl5vrYWRT8DUoY\
     vi2_wgcQNv8Va5FwkY8ufySrs2SLRmI_5Mq4etk7yHGgvMdmZ9f0w1RiEk8jWlt8F-WXYf0uwpvAhUCEnXqPHphAxtjxXqsWklBS\
     8z1ahbURi9cRChQbRhn9xRmIckIbMygB_owY6GE_qQ";
const TOKEN_2047: &str = "eyJhbGciOiAiUlMyNTYiLCAia2lkIjogImsyMDQ3In0.eyJzdWIiOiAiYWxpY2UifQ.QGZA05ehNuGDiL9KEMrZrp1jKUsyaBxBx\
     ADtzAkLLuqMN7hR9lR8gweKCvY68fEVnGzEWYNG_PYwECbeMsEHiRFb4QqY50U2WT0pmYHOCP5POBSS9WlSWcfhVuN0n8snKbpfK\
     0gBH54DEABN6zGpXR-TEoIRGfJAGSIQ4q9XpQ5XXnMgXWerYVxqcuO2jcx7dkutLXR0-S6nV8I1KSZK2HQeLmEeVVYKLQ28Z_55u\
     9YLRCMtIppmHt5ltz9Ti0p1ednCLVMK6Qi92Wc6CUp3mV4ZSIBF4DB5_Zxa8U6z-fqFSut-msVE1gl3ZrDCbVx6Mwm4Hap6bwv4Y\
     kwuAfJZ5Q";
const N_2048: &str = "okS0xBVHvyIDWzjkpfkvvamO9U--ID07pY0piinJVNxUeBN2DUHkOJIrLLD18cNIYgBTdqCYdBp2aBnvi6BahNDV10lHLdqhOrkX\
     Al8NSqDn3nbV8r4z0534RPaMTFcTjfhgVIjjR8b-d9qNIwK1QcrENKkXVY22-An-rh3NyEtG1A1JfAqE8ax31ozISOxC8Zx1Lrsi\
     Rk_iomaAp0b26ZA-1FIdAROfIWA3piEyW1MVDKcAYxhiHAdBDaermNBHnaLKr5uLuh14FRXz4jvhH5wdzgKEANhjq1aGY-yMxP2x\
     bws6IgNegoRPCWWELXy9OjtGjEWAS0pSsETdhsybnQ";
const TOKEN_2048: &str = "eyJhbGciOiAiUlMyNTYiLCAia2lkIjogImsyMDQ4In0.eyJzdWIiOiAiYWxpY2UifQ.dHtEKtWnrMdj4mS8c1cFWS9LjSrYyaltZ\
     YCAt1N1if-rP3IoIF71CxLc3V_4UcJ5Rafhhri5Ue0Ux_SZNuO0SFiaTDjptse1iVTMAUwvCEBMI-i8Xr18ilC10TPcNKE6xlYhR\
     MwN6U9WF5D4FFzZC_XoeJ5P3uNj0oZa3nbLCKlyL96tcr1YOsAGMG3MR3lIaXmVgUlUYIcXBwFUvm_x9Z0JPAYpdijuj9kjTDCP-\
     XrUKsqwBhhGjpuNx_dGTOD-3WyJFOkgQuKyL9h_5JTUit_5xv0p3XR4WJtRQhkaxzVuIgjLLHl1Wn2NRlflVTaRTGGM3Uviua0mK\
     sSQTZ_E0w";

fn keys() -> Keys {
    let key = |kid: &str, n: &str| json!({ "kty": "RSA", "use": "sig", "kid": kid, "n": n, "e": "AQAB" });
    // 1,024 bits with zeros in front are 1,024 bits.
    let padded = format!("{}{N_1024}", "A".repeat(172));
    let set = json!({ "keys": [
        key("k1024", N_1024), key("padded", &padded), key("k2047", N_2047), key("k2048", N_2048),
        { "kty": "RSA", "kid": "none", "e": "AQAB" }, "no key", { "kty": "new" },
    ]});
    Keys::read(set.to_string().as_bytes()).unwrap()
}

#[test]
fn an_rsa_key_below_2048_bits_is_not_used() {
    let keys = keys();
    let verified = |token| jws::verify(token, &keys, |_| true).map(|signed| signed.claims);
    assert_eq!(verified(TOKEN_1024), Err(JwsError::UnknownKey));
    assert_eq!(verified(TOKEN_2047), Err(JwsError::UnknownKey));
    assert_eq!(verified(TOKEN_2048).unwrap().get("sub"), Some(&json!("alice")));
    for kid in ["padded", "none"] {
        let key = keys.the_key(Some(kid), &CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256);
        assert!(key.is_none(), "{kid}");
    }
}

#[test]
fn what_is_no_key_set_is_an_error() {
    for text in ["", "[]", "{}", "<html>", r#"{"keys":null}"#] {
        assert!(Keys::read(text.as_bytes()).is_err(), "{text}");
    }
}
