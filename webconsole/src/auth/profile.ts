/** What Cognito knows of the user: read once, changed in the settings. */
import { useQuery } from "@tanstack/react-query";
import { fetchMFAPreference, fetchUserAttributes } from "aws-amplify/auth";

export interface Profile {
  email: string;
  name?: string;
  phone?: string;
  isPhoneVerified: boolean;
}

export const profileKey = ["profile"] as const;
export const mfaKey = ["mfa"] as const;

export function useProfile() {
  return useQuery({
    queryKey: profileKey,
    queryFn: async (): Promise<Profile> => {
      const attributes = await fetchUserAttributes();
      return {
        email: attributes.email ?? "",
        // Empty is none: Cognito keeps an attribute that was emptied.
        name: attributes.name === "" ? undefined : attributes.name,
        phone: attributes.phone_number === "" ? undefined : attributes.phone_number,
        isPhoneVerified: attributes.phone_number_verified === "true",
      };
    },
    staleTime: Infinity,
  });
}

/** Whether signing in needs a code of an authenticator app. */
export function useTotp() {
  return useQuery({
    queryKey: mfaKey,
    queryFn: async () => (await fetchMFAPreference()).enabled?.includes("TOTP") ?? false,
    staleTime: Infinity,
  });
}
