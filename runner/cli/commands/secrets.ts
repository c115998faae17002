import { resolve } from 'node:path'
import { text as readStream } from 'node:stream/consumers'
import { Command, Option } from 'commander'
import { sealText } from '../../../inventory/secrets/age/seal.ts'
import { TsplayError } from '../../model/errors.ts'
import { reveal } from '../../model/secret.ts'
import type { Console } from '../console.ts'
import { ageKeyOption, collected } from '../options.ts'
import { terminalPrompter } from '../prompter.ts'
import { type AgeOptions, ownKeyFile } from '../secrets/age-keys.ts'
import { editFile, encryptFile, filesWithSecrets, rekeyFile } from '../secrets/change.ts'
import { makeKey } from '../secrets/keygen.ts'
import { newPassphrase, recipientsFor, type RecipientOptions } from '../secrets/recipients.ts'
import { openSecretFile, replaceFile } from '../secrets/secret-file.ts'

const help = `
Examples:
  tsplay secrets keygen                                make a key of your own, and show its public half
  tsplay secrets encrypt --name db_password            ask for a value, and print the lines for a YAML file
  tsplay secrets encrypt group_vars/db.yaml            encrypt the values in it that are tagged !age
  tsplay secrets encrypt --whole group_vars/all/keys.yaml
  tsplay secrets edit group_vars/db.yaml
  tsplay secrets rekey group_vars host_vars            after .age-recipients was changed

Files are age's own (age-encryption.org): the program age opens them too.
For whom: -r, -R or --passphrase; else the file .age-recipients beside the file or above it; else your own key.
By whom: --age-key; else TSPLAY_AGE_KEY (the key itself) or TSPLAY_AGE_KEY_FILE; else ~/.config/tsplay/age.key.`

/** `tsplay secrets keygen|encrypt|decrypt|edit|rekey`. */
export function secretsCommand(console: Console): Command {
  const command = new Command('secrets')
    .summary('encrypt and decrypt values and files')
    .description('Encrypts values of YAML files, and whole files, with age. Connects to nothing.')
    .addHelpText('after', help)
  const add = (name: string, description: string) => {
    const made = command
      .command(name)
      .summary(description)
      .description(`${description[0]?.toUpperCase()}${description.slice(1)}.`)
    made.copyInheritedSettings(command).showHelpAfterError(`(tsplay secrets ${name} --help shows what there is)`)
    return made.exitOverride().configureOutput({
      writeOut: (text) => void console.stdout.write(text),
      writeErr: (text) => void console.stderr.write(text),
    })
  }
  const say = (line: string) => void console.stdout.write(`${line}\n`)

  add('keygen', 'make a key')
    .addOption(new Option('--output <file>', 'where to write it; else ~/.config/tsplay/age.key'))
    .addOption(new Option('--passphrase', 'protect it with a passphrase, which is asked for'))
    .action(async ({ output, passphrase }: { readonly output?: string; readonly passphrase?: true }) => {
      const path = output === undefined ? ownKeyFile(console.env) : resolve(console.cwd, output)
      const protection = passphrase ? await newPassphrase(console) : undefined
      const recipient = await makeKey(path, output ?? path, protection)
      say(`${output ?? path}: keep it, and a copy of it: without it nothing that is encrypted for it can be read`)
      say(`public key, for .age-recipients: ${recipient}`)
    })

  withRecipients(add('encrypt', 'encrypt the values of YAML files that are tagged !age, or whole files'))
    .argument('[files...]', 'without any, one value is asked for, or read from standard input, and printed for YAML')
    .addOption(new Option('--whole', 'the whole file, whatever it holds'))
    .addOption(new Option('--name <name>', 'of a value that is asked for: what the printed lines begin with'))
    .action(
      async (
        files: readonly string[],
        options: RecipientOptions & { readonly whole?: true; readonly name?: string },
      ) => {
        if (files.length === 0) return say(await sealedValue(options, console))
        for (const file of files) say(await encryptFile(file, options, console))
      },
    )

  add('decrypt', 'print files with everything opened')
    .argument('<files...>', 'encrypted as a whole, or with values that are')
    .addOption(ageKeyOption())
    .addOption(new Option('--in-place', 'write the files instead of printing them; values stay tagged !age'))
    .action(async (files: readonly string[], options: AgeOptions & { readonly inPlace?: true }) => {
      for (const file of files) {
        const { plain } = await openSecretFile(file, options, console)
        if (!options.inPlace) console.stdout.write(plain.text)
        else {
          await replaceFile(file, plain.text, console.cwd)
          say(`${file}: opened; do not commit it like this`)
        }
      }
    })

  withRecipients(add('edit', 'open a file in your editor, with everything opened, and encrypt it again'))
    .argument('<file>', 'encrypted as a whole, or with values that are; what is newly tagged !age is encrypted too')
    .action(async (file: string, options: RecipientOptions) => say(await editFile(file, options, console)))

  withRecipients(add('rekey', 'encrypt anew, for the recipients that are named now'))
    .argument('<paths...>', 'files, and folders that are searched for files with anything encrypted by age')
    .action(async (paths: readonly string[], options: RecipientOptions) => {
      const files = await filesWithSecrets(paths, console.cwd)
      if (files.length === 0) throw new TsplayError('USAGE', `nothing is encrypted with age in ${paths.join(', ')}`)
      for (const file of files) say(await rekeyFile(file, options, console))
    })
  return command
}

const withRecipients = (command: Command) =>
  [
    collected(
      '-r, --recipient <key>',
      'for whom: age1…, or a public ssh key (ed25519, rsa) in quotes; may be repeated',
    ),
    collected('-R, --recipients-file <file>', 'the same, a file with one of them on each line; may be repeated'),
    new Option('--passphrase', 'with a passphrase instead: TSPLAY_AGE_PASSPHRASE, or asked for'),
    ageKeyOption(),
  ].reduce((made, option) => made.addOption(option), command)

/** A value that was never in a file, as the lines for one. */
async function sealedValue(
  options: RecipientOptions & { readonly whole?: true; readonly name?: string },
  console: Console,
): Promise<string> {
  if (options.whole) throw new TsplayError('USAGE', '--whole wants files')
  const recipients = await recipientsFor('value', options, console)
  const given = console.stdin.isTTY
    ? reveal(await terminalPrompter().secret(`${options.name ?? 'Value'}: `))
    : (await readStream(console.stdin)).replace(/\r?\n$/, '')
  if (given === '') throw new TsplayError('USAGE', 'the value is empty')
  const armour = await sealText(given, recipients)
  const head = options.name === undefined ? '' : `${options.name}: `
  return `${head}!age |\n${armour.trimEnd().replaceAll(/^/gm, '  ')}`
}
