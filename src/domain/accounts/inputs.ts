import { Field, ID, InputType } from 'type-graphql';
import { z } from 'zod';
import { password } from '../network/inputs';

/** Bounded before it is hashed or compared, so that a huge one costs nothing. */
const secret = z.string().max(1000);

@InputType({ description: 'Who signs in.' })
export class SignInInput {
  @Field({ description: 'E-mail, or phone in E.164.' })
  identifier!: string;
  @Field({ description: 'The password.' })
  password!: string;
}
export const signIn = z.object({
  identifier: z
    .string()
    .max(320)
    .transform((value) => value.normalize('NFC').trim()),
  password: secret,
});

@InputType({ description: 'A refresh token to be exchanged.' })
export class RefreshSessionInput {
  @Field({ description: 'The newest refresh token of the session; good once.' })
  refreshToken!: string;
}
export const refreshSession = z.object({ refreshToken: secret });

@InputType({ description: 'The session that ends.' })
export class SignOutInput {
  @Field(() => String, { nullable: true, description: 'A refresh token of the session; not needed with an access token in force.' })
  refreshToken?: string | null;
}
export const signOut = z.object({ refreshToken: secret.nullish() });

@InputType({ description: 'The membership to act by from now on.' })
export class ActAsInput {
  @Field(() => ID, { description: 'One of your own memberships in force.' })
  membership!: string;
}
export const actAs = z.object({ membership: z.string() });

@InputType({ description: 'A new password.' })
export class ChangePasswordInput {
  @Field({ description: 'The password of now.' })
  currentPassword!: string;
  @Field({ description: 'The new one: 10 to 128 characters, not a common one.' })
  newPassword!: string;
}
export const changePassword = z.object({ currentPassword: secret, newPassword: password });
