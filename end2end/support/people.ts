// Who signs in: those of server/src/demo/people.rs who have a part in the journeys, and two strangers. The directory
// (server/demo/directory.toml) knows the first ones by the same ids.

export interface Person {
  /** The id at the provider. */
  sub: string;
  name: string;
  /** The provider's groups; some of them give roles, by `ROLES`. */
  groups: string[];
}

/** Which role follows from which group. */
export const ROLES = {
  'spillway-requesters': 'requester',
  'spillway-approvers': 'approver',
  'spillway-auditors': 'auditor',
  'spillway-administrators': 'administrator',
  'spillway-policy-authors': 'policy_author',
  'spillway-responders': 'responder',
} as const;

export const people = {
  /** Asks; a data engineer. */
  alice: { sub: 'alice.meyer', name: 'Alice Meyer', groups: ['spillway-requesters', 'data-engineers'] },
  /** Asks, and breaks the glass when on call; a payments engineer, and the owner of the payments pipeline. */
  jonas: {
    sub: 'jonas.weber',
    name: 'Jonas Weber',
    groups: ['spillway-requesters', 'spillway-responders', 'payments-engineers'],
  },
  /** Decides on what payments owns. */
  bob: {
    sub: 'bob.okafor',
    name: 'Bob Okafor',
    groups: ['spillway-requesters', 'spillway-approvers', 'payments-owners'],
  },
  /** Decides for security. */
  omar: {
    sub: 'omar.haddad',
    name: 'Omar Haddad',
    groups: ['spillway-requesters', 'spillway-approvers', 'security'],
  },
  /** Decides on what data owns, and for security. */
  ines: {
    sub: 'ines.marchetti',
    name: 'Ines Marchetti',
    groups: ['spillway-requesters', 'spillway-approvers', 'security', 'data-owners'],
  },
  /** Decides for the platform, where one stage more is asked. */
  dana: {
    sub: 'dana.roth',
    name: 'Dana Roth',
    groups: ['spillway-requesters', 'spillway-approvers', 'platform-owners'],
  },
  /** Reads everything. */
  aya: { sub: 'aya.tanaka', name: 'Aya Tanaka', groups: ['spillway-auditors'] },
  /** Administers, and asks. */
  petra: {
    sub: 'petra.lindqvist',
    name: 'Petra Lindqvist',
    groups: ['spillway-administrators', 'spillway-requesters'],
  },
  /** Has a role, but the directory links this sign-in to nobody. */
  unlinked: { sub: 'robin.unlinked', name: 'Robin Unlinked', groups: ['spillway-requesters'] },
  /** Is in the directory, but in no group that gives a role. */
  roleless: { sub: 'lena.fischer', name: 'Lena Fischer', groups: ['web-engineers'] },
} satisfies Record<string, Person>;

/** Where the provider says that somebody gets mail. */
export const mailOf = (sub: string): string => `${sub}@example.com`;

export const everybody: Person[] = Object.values(people);
