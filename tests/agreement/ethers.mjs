// Does ethers agree with `rvm wallet`, `rvm sign` and `rvm verify`? Random cases, both ways; run by hand:
//
//   npm install ethers@6                                       # in any folder outside the tree
//   NODE_PATH=node_modules node tests/agreement/ethers.mjs build/bin/rvm [CASES]
//
// Exit status 0 when every result is the same. A difference prints both and the input, with the secrets: they are random.
import {execFileSync, spawnSync} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {createRequire} from "node:module";
import {tmpdir} from "node:os";
import path from "node:path";

const {ethers} = createRequire(path.resolve(process.env.NODE_PATH ?? "node_modules", "x"))("ethers");
const [program, countText] = process.argv.slice(2);
if (!program) {
    console.error("usage: node ethers.mjs RVM [CASES]");
    process.exit(2);
}
const count = Number(countText ?? 40);
const rvm = path.resolve(program);
const folder = mkdtempSync(path.join(tmpdir(), "rvm-ethers-"));
process.on("exit", () => rmSync(folder, {recursive: true, force: true}));

const compared = {};
let differences = 0;
const write = (name, data) => {
    writeFileSync(path.join(folder, name), data, {mode: 0o600});
    return name;
};
const run = (...words) => execFileSync(rvm, words, {cwd: folder, encoding: "utf8", env: {HOME: folder}}).trim();
const same = (what, found, expected, input) => {
    compared[what] = (compared[what] ?? 0) + 1;
    if (found === expected) return;
    ++differences;
    console.log(`${what}: rvm says ${found}, ethers says ${expected}`, input);
};

const random = n => ethers.hexlify(ethers.randomBytes(n));
const below = n => Math.floor(Math.random() * n);
const pick = list => list[below(list.length)];
const quantity = bytes => ethers.toQuantity(random(1 + below(bytes)));
const address = () => ethers.getAddress(random(20));
const languages = {en: "english", ja: "japanese", ko: "korean", es: "spanish", zh_cn: "chinese_simplified", zh_tw: "chinese_traditional",
                   fr: "french", it: "italian", cz: "czech", pt: "portuguese"};
const cheap = ["--weak", "--passes", "1", "--memory", "8"];
const wallet = ["--wallet", "w", "--password-file", "pw"];
write("pw", "password\n");

function mnemonics(i) {
    const locale = pick(Object.keys(languages).filter(name => ethers.wordlists[name]));
    const list = ethers.wordlists[locale];
    const passphrase = pick(["", "TREZOR", "pässwört ①", "パスワード"]);
    const mnemonic = ethers.Mnemonic.fromEntropy(random(pick([16, 20, 24, 28, 32])), passphrase, list);
    write("phrase", mnemonic.phrase + "\n");
    write("passphrase", passphrase);
    run("wallet", "import", `m${i}`, "--phrase-file", "phrase", "--passphrase-file", "passphrase", ...wallet, ...(i === 0 ? cheap : []));
    const root = ethers.HDNodeWallet.fromSeed(mnemonic.computeSeed());
    const steps = `m/${below(9)}'/${below(9)}/${below(2 ** 31)}'/${below(2 ** 31)}`;
    const found = JSON.parse(run("--json", "wallet", "derive", `m${i}`, "--path", steps, ...wallet));
    const expected = root.derivePath(steps);
    same("mnemonic to address", found.address, expected.address, [mnemonic.phrase, passphrase, steps]);
    same("mnemonic to xpub", found.xpub, expected.neuter().extendedKey, [mnemonic.phrase, passphrase, steps]);
    same("export of the phrase", run("wallet", "export", `m${i}`, "--phrase", ...wallet).normalize("NFKD"),
         mnemonic.phrase.normalize("NFKD"), mnemonic.phrase);
}

async function keystores(i) {
    const signer = new ethers.Wallet(random(32));
    write("k.json", ethers.encryptKeystoreJsonSync({address: signer.address, privateKey: signer.privateKey}, "pässword",
                                                   {scrypt: {N: 1024, r: 8, p: 1}}));
    write("kpw", "pässword\n");
    run("wallet", "import", `k${i}`, "--keystore", "k.json", "--keystore-password-file", "kpw", ...wallet);
    same("key file of ethers", "0x" + run("wallet", "export", `k${i}`, "--key", ...wallet), signer.privateKey, signer.address);
    run("wallet", "export", `k${i}`, "--keystore", "own.json", "--keystore-password-file", "kpw", "--n", "1024", "--force", ...wallet);
    const own = await ethers.Wallet.fromEncryptedJson(readFileSync(path.join(folder, "own.json"), "utf8"), "pässword");
    same("key file of rvm", own.privateKey, signer.privateKey, signer.address);
}

function transaction(type) {
    const tx = {type, chainId: 1 + below(2 ** 31), nonce: below(2 ** 40), gasLimit: quantity(4), value: quantity(12), data: random(below(80)),
                to: type < 3 && below(4) === 0 ? null : address()};
    if (type < 2) tx.gasPrice = quantity(6);
    else Object.assign(tx, {maxFeePerGas: "0x1" + random(4).slice(2), maxPriorityFeePerGas: quantity(4)}); // the tip is the smaller
    if (type > 0) {
        tx.accessList = Array.from({length: below(3)},
                                   () => ({address: address(), storageKeys: Array.from({length: below(3)}, () => random(32))}));
    }
    if (type === 3) {
        tx.maxFeePerBlobGas = quantity(6);
        tx.blobVersionedHashes = Array.from({length: 1 + below(3)}, () => "0x01" + random(31).slice(2));
    }
    if (type === 4) {
        const authority = new ethers.Wallet(random(32));
        tx.authorizationList = [authority.authorizeSync({address: address(), nonce: below(99), chainId: tx.chainId})];
    }
    return tx;
}

function asJson(tx) {
    const out = {...tx};
    if (tx.to === null) delete out.to;
    if (tx.authorizationList) {
        out.authorizationList = tx.authorizationList.map(a => ({
            chainId: ethers.toQuantity(a.chainId), address: a.address, nonce: ethers.toQuantity(a.nonce),
            yParity: a.signature.yParity, r: a.signature.r, s: a.signature.s}));
    }
    return JSON.stringify(out);
}

async function transactions(i) {
    const signer = new ethers.Wallet(random(32));
    write("key", signer.privateKey);
    run("wallet", "import", `t${i}`, "--key-file", "key", ...wallet);
    const wish = {chainId: below(2 ** 31), address: address(), nonce: below(2 ** 40)};
    write("wish.json", JSON.stringify(wish));
    const entry = JSON.parse(run("wallet", "sign-authorization", `t${i}`, "wish.json", ...wallet));
    const authorized = signer.authorizeSync(wish).signature;
    same("authorization", [Number(entry.yParity), BigInt(entry.r), BigInt(entry.s)].join(), [authorized.yParity, BigInt(authorized.r), BigInt(authorized.s)].join(), wish);
    for (const type of [0, 1, 2, 3, 4]) {
        const tx = transaction(type);
        write("tx.json", asJson(tx));
        const expected = await signer.signTransaction(tx);
        same(`transaction of type ${type}`, run("wallet", "sign-tx", `t${i}`, "tx.json", ...wallet), expected, tx);
    }
}

const structs = {
    Leaf: [{name: "a", type: "uint256"}, {name: "b", type: "bytes"}, {name: "c", type: "bytes4"}, {name: "d", type: "bool"}],
    Tree: [{name: "leaves", type: "Leaf[]"}, {name: "pair", type: "int64[2]"}, {name: "name", type: "string"},
           {name: "who", type: "address"}],
};
const leaf = () => ({a: quantity(32), b: random(below(40)), c: random(4), d: below(2) === 1});

async function messages() {
    const signer = new ethers.Wallet(random(32));
    write("key", signer.privateKey);
    const message = ethers.randomBytes(below(200));
    write("message", message);
    const expected = await signer.signMessage(message);
    same("personal message", run("sign", "--scheme", "eip191", "--key-file", "key", "message"), expected, message);
    write("sig", expected);
    const checked = spawnSync(rvm, ["verify", "--scheme", "eip191", "--address", signer.address, "--signature", "sig", "message"],
                              {cwd: folder});
    same("personal message of ethers verifies", checked.status, 0, message);

    const domain = {name: "d" + below(9), chainId: below(99), verifyingContract: address(), salt: random(32)};
    const value = {leaves: Array.from({length: below(3)}, leaf), pair: [String(-below(2 ** 40)), String(below(2 ** 40))],
                   name: "näme", who: address()};
    write("typed.json", JSON.stringify(ethers.TypedDataEncoder.getPayload(domain, structs, value)));
    same("typed data", run("sign", "--scheme", "eip712", "--key-file", "key", "typed.json"),
         await signer.signTypedData(domain, structs, value), {domain, value});
}

for (let i = 0; i < count; ++i) {
    mnemonics(i);
    await keystores(i);
    await transactions(i);
    await messages();
    run("wallet", "remove", `m${i}`, ...wallet);
    run("wallet", "remove", `k${i}`, ...wallet);
    run("wallet", "remove", `t${i}`, ...wallet);
}
console.log(`ethers ${ethers.version}, ${differences} differences`);
for (const [what, number] of Object.entries(compared)) console.log(`  ${what}: ${number}`);
process.exit(differences === 0 ? 0 : 1);
